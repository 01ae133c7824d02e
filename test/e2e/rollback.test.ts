import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { look } from '../../cli/look.ts'
import { statusText } from '../../cli/status-text.ts'
import { startWitness, type Witness } from '../../services/index.ts'
import type { RollbackAnswer } from '../../workflows/messages.ts'
import { judge } from './judge.ts'
import { drained, eventually, fill, logged } from './live.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

const ROWS = 2000
const PROJECT = `
tables: [$db.goods]
verify: { mode: points, correct: auto }
switch: { rollbackWithin: 1h }
`
const STOPPED = { writersStopped: true }

describe.each<Product>(['mysql', 'mariadb'])('a switchover that is taken back: %s', (product) => {
  let sandbox: Sandbox
  let witness: Witness
  beforeAll(async () => {
    ;[sandbox, witness] = await Promise.all([
      openSandbox(product),
      startWitness({ address: inject('hbase') }, () => undefined),
    ])
    await fill(sandbox, 'goods', ROWS)
    await sandbox.worker()
    await sandbox.start(PROJECT)
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
  })
  afterAll(async () => {
    await witness.close()
    await sandbox.close()
  })

  const rollback = (how: object): Promise<RollbackAnswer> => sandbox.update('rollback', how)
  const refusal = (asked: Promise<unknown>): Promise<string> =>
    asked.then(
      () => 'it was not refused',
      (error: unknown) => String((error as { cause?: unknown }).cause),
    )
  const judged = async () => {
    const [mapping] = sandbox.mappings()
    if (mapping === undefined) throw new Error('the project has no table')
    return judge(witness, sandbox.admin, mapping)
  }

  test('before a switchover there is none to take back', async () => {
    expect(await refusal(rollback(STOPPED))).toMatch(/shop is not switched over/)
  })

  test('a switchover keeps the triggers, and says how long', async () => {
    expect(await sandbox.update('switchOver', STOPPED)).toMatchObject({ switched: true })
    expect(await sandbox.status()).toMatchObject({ phase: 'switch', condition: 'switched' })
    expect(await sandbox.leftovers()).not.toEqual([])
    expect(statusText(await look(sandbox.client, 'shop'))).toContain(
      'longhaul rollback shop --confirm-writes-stopped',
    )
    for (const [name, argument] of [
      ['switchOver', STOPPED],
      ['verify', {}],
      ['reload', { tables: ['goods'] }],
    ] as const)
      expect(await refusal(sandbox.update(name, argument))).toMatch(/is switched over/)
  })

  test('what is written to the source meanwhile is kept, and does not reach HBase', async () => {
    await sandbox.admin.query(`update goods set v = 'late' where id <= 10`)
    await sandbox.admin.query(`delete from goods where id = 11`)
    // a person who pauses and resumes changes nothing about that
    await sandbox.update('pause', {})
    await sandbox.update('resume', {})
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(await logged(sandbox)).toBe(11)
    expect((await judged()).differences).not.toEqual([])
    // the application writes to HBase now
    await witness.deleteRow(`${sandbox.name}:goods`, Buffer.from('500').toString('hex'))
  })

  test('its gates are read without doing anything', async () => {
    const read = await rollback({ writersStopped: true, dryRun: true })
    expect(read).toMatchObject({ rolledBack: false, because: null })
    expect(read.gates.map(({ name, reading }) => `${name}: ${reading}`)).toEqual([
      'capture: whole',
      'changes since the switchover: 11, all kept',
      'writers: stopped, as confirmed',
    ])
    expect(await sandbox.status()).toMatchObject({ condition: 'switched' })
  })

  test('it is refused while applications may write to HBase', async () => {
    expect(await rollback({ writersStopped: false })).toMatchObject({
      rolledBack: false,
      because: expect.stringContaining('nobody confirmed') as unknown,
    })
    expect(await refusal(rollback({}))).toMatch(/Say whether/)
    expect(await sandbox.status()).toMatchObject({ condition: 'switched' })
  })

  test('taken back it applies what was kept, finds what the application wrote to HBase, and ends equal', async () => {
    expect(await rollback(STOPPED)).toMatchObject({ rolledBack: true, because: null })
    await sandbox.until(({ phase, certificate, condition }) =>
      phase === 'switch' && condition === 'running' && certificate?.clean === true
        ? true
        : undefined,
    )
    const { certificate } = await sandbox.status()
    expect(certificate?.tables[0]).toMatchObject({ differencesFound: 1, differencesCorrected: 1 })
    await sandbox.admin.query(`update goods set v = 'the source is in use again' where id % 3 = 0`)
    await drained(sandbox)
    expect(await judged()).toMatchObject({ rows: ROWS - 1, differences: [] })
  })

  test('a trigger that went meanwhile refuses it: changes may have gone by unlogged', async () => {
    await sandbox.update('verify', {})
    await sandbox.until(({ phase }) => (phase === 'verify' ? true : undefined))
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
    expect(await sandbox.update('switchOver', STOPPED)).toMatchObject({ switched: true })
    const [trigger] = (await sandbox.leftovers()).filter((what) => what.startsWith('trigger '))
    await sandbox.admin.query(`drop trigger ${trigger?.replace('trigger ', '') ?? ''}`)
    expect(await rollback(STOPPED)).toMatchObject({
      rolledBack: false,
      because: expect.stringMatching(/changes may have gone by unlogged/) as unknown,
    })
  })

  test('released it leaves nothing, stays switched over, and cannot be taken back', async () => {
    await sandbox.update('release', {})
    expect((await sandbox.outcome()).result).toMatchObject({ switched: true })
    expect(await sandbox.leftovers()).toEqual([])
    await expect(rollback(STOPPED)).rejects.toThrow()
  })
})

test('without a word until its deadline, everything is taken out of the source', async () => {
  const sandbox = await openSandbox('mysql')
  try {
    await fill(sandbox, 'goods', 100)
    await sandbox.worker()
    await sandbox.start(PROJECT.replace('1h', '8s'))
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
    expect(await sandbox.update('switchOver', STOPPED)).toMatchObject({ switched: true })
    expect(await sandbox.leftovers()).not.toEqual([])
    expect((await sandbox.outcome()).result).toMatchObject({ switched: true })
    await eventually(
      async () => ((await sandbox.leftovers()).length === 0 ? true : undefined),
      'nothing is left',
      10,
    )
  } finally {
    await sandbox.close()
  }
})
