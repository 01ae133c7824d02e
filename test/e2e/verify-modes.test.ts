import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import type { Certificate, CertifiedTable } from '../../model/project.ts'
import { startWitness, type Witness } from '../../services/index.ts'
import { freePort } from '../../services/ports.ts'
import { verifyId } from '../../workflows/messages.ts'
import { eventually, fill, pending, startWriter } from './live.ts'
import { metric } from './metrics.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'
import type { WorkerProcess } from './worker-process.ts'

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

/** So slow that two ranges are in their middle, and kept once, when the third has long ended. */
const KILLED_ROWS = 20_000
const SLOWLY = { rowsPerSecond: 700 }
/** Slow from the start too: what begins while its project does not answer keeps to the file. */
const LIMITS = 'limits: { rowsPerRange: 9000, rangesInParallel: 3, rowsPerSecond: 700 }'

describe.each<Product>(['mysql', 'mariadb'])('a worker killed in a verification: %s', (product) => {
  let sandbox: Sandbox
  let worker: WorkerProcess
  let last: Certificate
  let round = 1
  beforeAll(async () => {
    sandbox = await openSandbox(product)
    await fill(sandbox, 'goods', KILLED_ROWS)
    worker = await sandbox.worker()
    await sandbox.start(
      `tables: [$db.goods]\n${LIMITS}\nverify: { mode: count, correct: never, sample: { percent: 80, seed: 7 } }`,
    )
    await sandbox.update('throttle', { rowsPerSecond: null })
    last = await issued('')
  })
  afterAll(() => sandbox.close())

  const issued = (before: string): Promise<Certificate> =>
    sandbox.until(({ phase, certificate }) =>
      phase === 'switch' && certificate !== null && certificate.issuedAt !== before
        ? certificate
        : undefined,
    )
  const verified = async (mode: string): Promise<CertifiedTable | undefined> => {
    last = await issued(last.issuedAt)
    expect(last.tables).toMatchObject([{ mode, differencesFound: 0, clean: true }])
    return last.tables[0]
  }
  const verifying = () => verifyId('shop', 'goods', round)
  const begin = async (mode: string): Promise<void> => {
    round++
    await sandbox.update('verify', { mode })
  }
  /** The ranges under way in this attempt that tell of more rows than these; they must be two. */
  const two = (activity: string, attempt: number, more: number): Promise<readonly number[]> =>
    eventually(async () => {
      const all = await pending(sandbox, verifying()).catch(() => [])
      const rows = all.flatMap((one) =>
        one.activity === activity && one.attempt >= attempt ? (one.beat?.rows ?? 0) : [],
      )
      return rows.length === 2 && rows.every((some) => some > more) ? rows : undefined
    }, `two of ${activity}, attempt ${attempt}, are beyond ${more} rows`)

  test.each([
    ['sample', 'verifyRange'],
    ['count', 'sumRange'],
  ])('%s goes on where it was, and proves the same', async (mode, activity) => {
    await begin(mode)
    const undisturbed = await verified(mode)

    await sandbox.update('throttle', SLOWLY)
    await new Promise((resolve) => setTimeout(resolve, 6000)) // limits a worker has seen count for five seconds
    await begin(mode)
    await two(activity, 1, 5000)
    await worker.kill('SIGKILL')
    const metrics = await freePort()
    worker = await sandbox.worker({ metrics })
    await sandbox.update('throttle', { rowsPerSecond: null })
    // a row that was read twice, or not at all, would show in each of these
    expect(await verified(mode)).toMatchObject({
      rows: undisturbed?.rows,
      cells: undisturbed?.cells,
      digest: undisturbed?.digest,
      links: undisturbed?.links,
    })
    const [ended, ...killed] = await attempts(activity)
    expect(ended).toBe(1)
    // Temporal may hand a task to the dead worker once more before it goes to the living one
    expect(killed.map((times) => times > 1)).toEqual([true, true])
    // sums are kept every five seconds, the place in a sample more often; who began anew would read 18,000
    const read = await metric(metrics, 'longhaul_rows_total', 'stage="verify",table="goods"')
    expect(read).toBeGreaterThan(0)
    expect(read).toBeLessThanOrEqual(12_000)
  })

  /** Of each range, how often it was begun. */
  const attempts = async (activity: string): Promise<number[]> => {
    const { events } = await sandbox.client.workflow.getHandle(verifying()).fetchHistory()
    const ranges = (events ?? []).filter(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity,
    )
    return ranges
      .map(({ eventId }) =>
        Number(
          (events ?? []).find(({ activityTaskStartedEventAttributes: started }) =>
            started?.scheduledEventId?.equals(eventId ?? 0),
          )?.activityTaskStartedEventAttributes?.attempt,
        ),
      )
      .toSorted((a, b) => a - b)
  }
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
    await sandbox.update('throttle', { rowsPerSecond: null })

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
