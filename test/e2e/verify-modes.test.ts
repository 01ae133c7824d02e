import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import type { Certificate } from '../../model/project.ts'
import { startWitness, type Witness } from '../../services/index.ts'
import { eventually, fill, pending, startWriter } from './live.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

const ROWS = 300

describe.each<Product>(['mysql', 'mariadb'])('%s', (product) => {
  let sandbox: Sandbox
  let witness: Witness
  beforeEach(async () => {
    sandbox = await openSandbox(product)
    witness = await startWitness({ address: inject('hbase') }, () => undefined)
    await sandbox.worker()
    await sandbox.admin.query(
      `create table goods (id int primary key, name varchar(20), note varchar(20));
       insert into goods with recursive n (i) as (select 1 union all select i + 1 from n where i < ${ROWS})
         select i, concat('name ', i), if(i % 3 = 0, null, 'note') from n`,
    )
  })
  afterEach(async () => {
    await witness.close()
    await sandbox.close()
  })

  test.each(['points', 'buckets'])(
    'T87 one row missing, one different and one extra are found by %s, and corrected',
    async (mode) => {
      await sandbox.start(`tables: [$db.goods]\nverify: { mode: ${mode}, correct: auto }`)
      const first = await verified(() => true)
      expect(first.tables[0]).toMatchObject({ mode, rows: ROWS, cells: 800, differencesFound: 0 })

      const table = `${sandbox.name}:goods`
      const name = { family: hex('goods'), qualifier: hex('name'), timestamp: Date.now() }
      await witness.put(table, { ...name, row: hex('999'), value: hex('nobody') })
      await witness.put(table, { ...name, row: hex('7'), value: hex('seven') })
      await witness.deleteRow(table, hex('8'), Date.now())
      await sandbox.update('verify', {})
      const second = await verified(({ issuedAt }) => issuedAt !== first.issuedAt)
      expect(second).toMatchObject({
        clean: true,
        tables: [
          {
            mode,
            rows: ROWS,
            cells: 800,
            differencesFound: 3,
            differencesCorrected: 3,
            clean: true,
          },
        ],
      })
      expect(second.tables[0]?.digest).toBe(first.tables[0]?.digest)
    },
  )

  test('a sample and a count are no full proof, and a switchover asks for one', async () => {
    await sandbox.start(
      'tables: [$db.goods]\nverify: { mode: sample, sample: { percent: 10, rows: 1, seed: 7 } }',
    )
    const sampled = await verified(() => true)
    const [first] = sampled.tables
    expect(sampled).toMatchObject({
      clean: false,
      tables: [{ mode: 'sample', sample: { part: 0.1, seed: 7 }, clean: true }],
    })
    expect(first?.rows).toBeGreaterThan(5)
    expect(first?.rows).toBeLessThan(80)
    expect((await sandbox.status()).tables['goods']?.state).toBe('sampled')
    expect(await sandbox.update('switchOver', { writersStopped: true })).toMatchObject({
      switched: false,
      because: expect.stringMatching(/^not every cell was compared, .*: goods$/) as string,
    })

    await sandbox.update('verify', { mode: 'sample' })
    const again = await verified(({ issuedAt }) => issuedAt !== sampled.issuedAt)
    expect(again.tables[0]).toMatchObject({ rows: first?.rows, digest: first?.digest })
    await sandbox.update('verify', { mode: 'count' })
    const counted = await verified(({ issuedAt }) => issuedAt !== again.issuedAt)
    expect(counted).toMatchObject({
      clean: false,
      tables: [{ mode: 'count', rows: ROWS, cells: 0, clean: true }],
    })
    await sandbox.update('verify', { mode: 'auto' })
    const whole = await verified(({ issuedAt }) => issuedAt !== counted.issuedAt)
    expect(whole).toMatchObject({ clean: true, tables: [{ mode: 'points', rows: ROWS }] })
    // which compares as the project file says, unless that is too little
    expect(await sandbox.update('switchOver', { writersStopped: true })).toMatchObject({
      switched: true,
    })
    const { result } = await sandbox.outcome()
    expect(result).toMatchObject({ certificate: { clean: true, tables: [{ mode: 'points' }] } })
  })

  const verified = (is: (certificate: Certificate) => boolean): Promise<Certificate> =>
    sandbox.until(({ phase, certificate }) =>
      phase === 'switch' && certificate !== null && is(certificate) ? certificate : undefined,
    )
})

test('sums survive a kill, and under a live writer nothing is found to differ', async () => {
  const sandbox = await openSandbox('mysql')
  try {
    await fill(sandbox, 'goods', 20_000)
    const worker = await sandbox.worker()
    const writer = startWriter(await sandbox.open(), 'goods', 20_000)
    const limits = 'limits: { rowsPerSecond: 2000, rowsPerRange: 10000000 }'
    await sandbox.start(`tables: [$db.goods]\n${limits}\nverify: { mode: buckets, correct: never }`)
    const summing = async () =>
      (await pending(sandbox, 'project/shop/verify/goods/1').catch(() => [])).find(
        ({ activity }) => activity === 'sumRange',
      )
    const rowsOf = (attempt: number, more: number) => async (): Promise<number | undefined> => {
      const now = await summing()
      const rows = now?.beat?.rows ?? 0
      return now !== undefined && now.attempt >= attempt && rows > more ? rows : undefined
    }
    const before = await eventually(rowsOf(1, 15_000), 'more than a checkpoint is summed')
    await worker.kill('SIGKILL')
    await sandbox.worker()
    const after = await eventually(rowsOf(2, 0), 'another attempt sums')
    expect(after).toBeGreaterThan(before - 11_000) // five seconds of work, and what is read at once

    const { certificate } = await sandbox.until((status) =>
      status.phase === 'switch' ? status : undefined,
    )
    await writer.stop()
    expect(writer.statements()).toBeGreaterThan(100)
    expect(certificate).toMatchObject({
      clean: true,
      tables: [{ mode: 'buckets', differencesFound: 0 }],
    })
    expect(certificate?.tables[0]?.rows).toBeGreaterThan(10_000)
  } finally {
    await sandbox.close()
  }
})

const hex = (text: string): string => Buffer.from(text).toString('hex')
