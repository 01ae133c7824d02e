import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { startWitness, type Witness } from '../../services/index.ts'
import { applyId } from '../../workflows/messages.ts'
import { longhaul as run } from '../bad-input/ground.ts'
import { fill, stoodStill } from './live.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

const ROWS = 300

/** What a person sees who verifies and corrects on the command line. */
describe.each<Product>(['mysql', 'mariadb'])('longhaul verify and correct, on %s,', (product) => {
  let sandbox: Sandbox
  let witness: Witness
  beforeAll(async () => {
    sandbox = await openSandbox(product)
    witness = await startWitness({ address: inject('hbase') }, () => undefined)
    process.env['SANDBOX_PASSWORD'] = sandbox.account.password
    await fill(sandbox, 'goods', ROWS)
    await sandbox.worker()
    await sandbox.start('tables: [$db.goods]\nverify: { mode: points, correct: never }')
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
  })
  afterAll(async () => {
    await witness.close()
    await sandbox.close()
  })

  const longhaul = (...words: readonly string[]) => run(sandbox, ...words)

  test.each([
    ['points', 'verified'],
    ['buckets', 'verified'],
    ['sample', 'sampled'],
    ['count', 'counted'],
  ])('in mode %s what is equal is %s', async (mode, state) => {
    const { code, stdout } = await longhaul('verify', 'shop', '--mode', mode)
    expect(stdout).toMatch(new RegExp(`^  goods  ${state} +300 rows$`, 'm'))
    expect(code).toBe(0)
    const { certificate } = await sandbox.status()
    expect(certificate?.tables).toMatchObject([{ mode, clean: true }])
  })

  test('a mode that is none is refused', async () => {
    const { code, stderr } = await longhaul('verify', 'shop', '--mode', 'all')
    expect(code).toBe(2)
    expect(stderr).toMatch(/Allowed choices are auto, points, buckets, sample, count/)
  })

  test('what differs is told, and a dry run only says what would be done', async () => {
    const target = `${sandbox.name}:goods`
    const cell = { family: hex('goods'), qualifier: hex('v'), timestamp: Date.now() }
    await witness.put(target, { ...cell, row: hex('7'), value: hex('seven') })
    await witness.put(target, { ...cell, row: hex('999'), value: hex('nobody') })
    await witness.deleteRow(target, hex('8'), Date.now())
    const verified = await longhaul('verify', 'shop')
    expect(verified.code).toBe(4)
    expect(verified.stdout).toMatch(/^ {2}goods {2}different +300 rows$/m)

    const plan = await longhaul('correct', 'shop', '--dry-run')
    expect(plan).toMatchObject({
      code: 4,
      stdout:
        'goods  1 row to write  1 row to write anew  1 row to remove\n\nCorrect them with: longhaul correct shop',
    })
    const keys = await longhaul(
      ...['correct', 'shop', '--dry-run', '--keys'],
      ...['--connections', `${sandbox.folder}/connections.yaml`],
    )
    expect(keys.stdout.split('\n').slice(-3).toSorted()).toEqual([
      ...['goods  different  7  goods:v', 'goods  extra  999', 'goods  missing  8'],
    ])
    const json = await longhaul('correct', 'shop', '--dry-run', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({
      tables: [{ name: 'goods', missing: 1, different: 1, extra: 1, unstable: 0 }],
    })
  })

  test('a correction says what is equal now; then there is none to make', async () => {
    const { code, stdout } = await longhaul('correct', 'shop')
    expect(stdout).toMatch(/\n\ngoods: 3 rows looked at again, every one equal now$/)
    expect(stdout).toMatch(/^ {2}goods {2}verified +300 rows$/m)
    expect(code).toBe(0)
    expect(await longhaul('correct', 'shop')).toMatchObject({
      code: 2,
      stderr: 'Nothing is known to differ [USAGE]',
    })
    expect(await longhaul('correct', 'shop', '--dry-run')).toMatchObject({
      code: 0,
      stdout: 'Nothing is known to differ.',
    })
  })

  test('rows that never keep still are not called different', async () => {
    const apply = sandbox.client.workflow.getHandle(applyId('shop'))
    await apply.signal('pause', {})
    await stoodStill(sandbox)
    await sandbox.admin.query(`update goods set v = 'waits in the log' where id <= 2`)
    const again = '2 rows changed during every look: longhaul verify shop goods'
    const verified = await longhaul('verify', 'shop')
    expect(verified.code).toBe(4)
    expect(verified.stdout).toMatch(new RegExp(`^  goods  unstable +300 rows +${again}$`, 'm'))
    expect(await longhaul('correct', 'shop', '--dry-run')).toMatchObject({
      code: 4,
      stdout: `Nothing is known to differ.\ngoods: ${again}`,
    })
    expect(await longhaul('correct', 'shop')).toMatchObject({
      code: 2,
      stderr:
        'Nothing is known to differ; rows of goods changed during every look, so verify again [USAGE]',
    })
    await apply.signal('resume', {})
    expect(await longhaul('verify', 'shop', 'goods')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ {2}goods {2}verified +300 rows$/m) as unknown,
    })
  })
})

const hex = (text: string): string => Buffer.from(text).toString('hex')
