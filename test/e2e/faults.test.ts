import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { startWitness, type Witness } from '../../services/index.ts'
import { applyId, loadId } from '../../workflows/messages.ts'
import { judge } from './judge.ts'
import { drained, eventually, fill, logged, pending, startWriter, type Writer } from './live.ts'
import { crash, startOwn, type OwnServers } from './own-servers.ts'
import type { Pending } from './pending.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'
import type { WorkerProcess } from './worker-process.ts'

const ROWS = 20_000
/** Load and verify take some thirteen seconds each, in one range: more than twice what verification keeps back. */
const SLOWLY = 'limits: { rowsPerSecond: 1500 }'
const VERIFY = 'project/shop/verify/goods/1'

/** What a fault left behind is judged by the certificate and by the witness, after a live writer has ended. */
async function arrives(sandbox: Sandbox, witness: Witness, writer: Writer): Promise<void> {
  await writer.stop()
  expect(writer.statements()).toBeGreaterThan(100)
  await drained(sandbox)
  expect(await sandbox.update('switchOver', { writersStopped: true })).toMatchObject({
    switched: true,
    because: null,
  })
  const { result } = await sandbox.outcome()
  expect(result).toMatchObject({ switched: true, certificate: { clean: true, deadLetters: 0 } })
  expect(await sandbox.leftovers()).toEqual([])
  const [mapping] = sandbox.mappings()
  if (mapping === undefined) throw new Error('the project has no table')
  const { differences, rows } = await judge(witness, sandbox.admin, mapping)
  expect(differences).toEqual([])
  expect(rows).toBeGreaterThan(ROWS / 2)
}

/** The activity of this name when its last heartbeat tells of more rows than these. */
const beyond = (
  sandbox: Sandbox,
  workflowId: string,
  activity: string,
  { rows, attempt = 1 }: { rows: number; attempt?: number },
): Promise<Pending> =>
  eventually(async () => {
    const all = await pending(sandbox, workflowId).catch(() => [])
    return all.find(
      (one) => one.activity === activity && one.attempt >= attempt && (one.beat?.rows ?? 0) > rows,
    )
  }, `${activity} of attempt ${attempt} is beyond ${rows} rows`)

describe('a worker', () => {
  let sandbox: Sandbox
  let witness: Witness
  let worker: WorkerProcess
  let writer: Writer
  beforeAll(async () => {
    ;[sandbox, witness] = await Promise.all([
      openSandbox('mysql'),
      startWitness({ address: inject('hbase') }, () => undefined),
    ])
    await fill(sandbox, 'goods', ROWS)
    worker = await sandbox.worker()
    writer = startWriter(await sandbox.open(), 'goods', ROWS)
    await sandbox.start(`tables: [$db.goods]\nverify: { mode: points, correct: never }\n${SLOWLY}`)
  })
  afterAll(async () => {
    await writer.stop()
    await witness.close()
    await sandbox.close()
  })

  /** Kills the worker in the middle of an activity; another one has to go on there. */
  const killedIn = async (workflowId: string, activity: string): Promise<void> => {
    await beyond(sandbox, workflowId, activity, { rows: 5000 })
    await worker.kill('SIGKILL')
    const killedAt = Date.now()
    const find = async (attempt: number, notAt: string | null): Promise<Pending | undefined> =>
      (await pending(sandbox, workflowId)).find(
        (one) => one.activity === activity && one.attempt >= attempt && one.beat?.at !== notAt,
      )
    const last = await find(1, null)
    if (typeof last?.beat?.at !== 'string') throw new Error('no position was kept')
    const { attempt, beat } = last
    worker = await sandbox.worker()
    // Temporal shows the old position until the new attempt tells its own, sealed anew
    const after = await eventually(
      () => find(attempt + 1, beat.at ?? null),
      'another attempt has told where it is',
    )
    expect(after.beat?.rows).toBeGreaterThan(beat.rows ?? Infinity)
    expect(Date.now() - killedAt).toBeLessThan(30_000)
  }

  test('killed in load: another one goes on at the same row', async () => {
    await killedIn(loadId('shop', 'goods'), 'copyRange')
  })

  test('killed in verify: another one goes on at the same row', async () => {
    await sandbox.until(({ phase }) => (phase === 'verify' ? true : undefined))
    const { tables } = await sandbox.status()
    // rows that were read twice would be counted twice
    expect(tables['goods']?.rows).toBeLessThanOrEqual(ROWS + writer.statements())
    await killedIn(VERIFY, 'verifyRange')
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
    expect((await sandbox.status()).certificate).toMatchObject({ clean: true })
  })

  test('killed in apply under a live writer', async () => {
    await beyondApplied(sandbox)
    await worker.kill('SIGKILL')
    const before = writer.statements()
    worker = await sandbox.worker()
    await beyondApplied(sandbox)
    expect(writer.statements()).toBeGreaterThan(before)
  })

  test('T48: frozen in apply, overtaken and awake again', async () => {
    const frozen = worker
    const second = await sandbox.worker()
    await frozen.kill('SIGSTOP')
    const waiting = await logged(sandbox)
    await eventually(
      async () => ((await logged(sandbox)) < Math.max(50, waiting) ? true : undefined),
      'the other worker applies',
      120,
    )
    await beyondApplied(sandbox)
    await frozen.kill('SIGCONT')
    await new Promise((resolve) => setTimeout(resolve, 3000))
    await second.kill('SIGKILL')
    await beyondApplied(sandbox)
    // whatever Temporal hands to the polls that the frozen process left open is lost until it times out
  }, 240_000)

  test('and nothing was lost', async () => {
    await arrives(sandbox, witness, writer)
  })
})

/** A change made now is applied: its log row is gone. */
async function beyondApplied(sandbox: Sandbox): Promise<void> {
  const [rows] = await sandbox.admin.query(
    `select coalesce(max(ver), 0) as ver from \`${sandbox.schema}\`.longhaul_log`,
  )
  const newest = (rows as { ver: string }[])[0]?.ver ?? '0'
  await eventually(
    async () => {
      const [left] = await sandbox.admin.query(
        `select count(*) as count from \`${sandbox.schema}\`.longhaul_log where ver <= ?`,
        [newest],
      )
      return Number((left as { count: number }[])[0]?.count) === 0 ? true : undefined
    },
    'changes are applied',
    120,
  )
}

describe('servers', () => {
  let own: OwnServers<'temporal' | 'hbase'>
  let sandbox: Sandbox
  let writer: Writer
  beforeAll(async () => {
    own = await startOwn('temporal', 'hbase')
    sandbox = await openSandbox('mysql', {
      temporal: own.servers.temporal.address,
      hbase: own.servers.hbase.address,
      database: inject('mysql'),
    })
    await fill(sandbox, 'goods', ROWS)
    await sandbox.worker()
    writer = startWriter(await sandbox.open(), 'goods', ROWS)
    await sandbox.start(`tables: [$db.goods]\nverify: { correct: never }\n${SLOWLY}`)
  }, 180_000)
  afterAll(async () => {
    await writer.stop()
    await sandbox.close()
    await own.close()
  })

  test('Temporal killed in load and started again: the load goes on where it was', async () => {
    const load = loadId('shop', 'goods')
    const before = await beyond(sandbox, load, 'copyRange', { rows: 1 })
    await crash(own.servers.temporal, 1000)
    const after = await beyond(sandbox, load, 'copyRange', { rows: before.beat?.rows ?? 0 })
    expect(after.beat?.rows).toBeGreaterThan(before.beat?.rows ?? 0)
  })

  test('HBase killed in load and started again', async () => {
    await beyond(sandbox, loadId('shop', 'goods'), 'copyRange', { rows: 1 })
    await crash(own.servers.hbase, 1000)
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), { seconds: 120 })
    expect((await sandbox.status()).certificate).toMatchObject({ clean: true })
  }, 150_000)

  test('HBase killed in apply and started again', async () => {
    await crash(own.servers.hbase, 3000)
    await beyondApplied(sandbox)
    expect(await pending(sandbox, applyId('shop'))).toHaveLength(1)
  }, 120_000)

  test('HBase away while the project is switched over: nothing is switched without it', async () => {
    await writer.stop()
    await drained(sandbox)
    await own.servers.hbase.kill('SIGKILL')
    await sandbox.admin.query(
      `update goods set v = 'written while HBase was away' where id % 7 = 0`,
    )
    let answered = false
    const asked = sandbox.update('switchOver', { writersStopped: true }).finally(() => {
      answered = true
    })
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(answered).toBe(false)
    await own.servers.hbase.restart()
    // switched, or refused because it took too long; then it can be asked again
    const answer = (await asked) as { switched: boolean; because: string | null }
    if (!answer.switched) expect(answer.because).toMatch(/lag is|does not run empty/)
    const witness = await startWitness({ address: own.servers.hbase.address }, () => undefined)
    if (!answer.switched) await arrives(sandbox, witness, writer)
    else {
      const [mapping] = sandbox.mappings()
      if (mapping === undefined) throw new Error('the project has no table')
      await sandbox.outcome()
      expect((await judge(witness, sandbox.admin, mapping)).differences).toEqual([])
      expect(await sandbox.leftovers()).toEqual([])
    }
    await witness.close()
  }, 180_000)
})
