import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { look } from '../../cli/look.ts'
import type { Busy } from '../../cli/snapshot.ts'
import { statusText } from '../../cli/status-text.ts'
import type { Station } from '../../model/stations.ts'
import { freePort } from '../../services/ports.ts'
import { drained, eventually, fill } from './live.ts'
import { metric } from './metrics.ts'
import { startOwn, type OwnServers } from './own-servers.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'

const ROWS = 60_000
/** A page takes two and a half seconds. */
const SLOWLY = 400

let own: OwnServers<'hbase'>
let sandbox: Sandbox
let metrics = 0
beforeAll(async () => {
  own = await startOwn('hbase')
  sandbox = await openSandbox('mysql', {
    temporal: inject('temporal'),
    hbase: own.servers.hbase.address,
    database: inject('mysql'),
  })
  metrics = await freePort()
  await fill(sandbox, 'goods', ROWS)
  await sandbox.worker({ metrics })
  await sandbox.start(
    `tables: [$db.goods]\nverify: { mode: points, correct: never }
limits: { rowsPerSecond: ${SLOWLY}, rowsPerRange: ${ROWS}, rangesInParallel: 1 }`,
  )
}, 240_000)
afterAll(async () => {
  await sandbox.close()
  await own.close()
}, 60_000)

const throttle = (rowsPerSecond: number | null): Promise<string> =>
  sandbox.update('throttle', { rowsPerSecond })

const seconds = async (stage: Busy['stage'], station: Station): Promise<number> =>
  (await metric(
    metrics,
    'longhaul_station_seconds_total',
    `stage="${stage}",table="goods",station="${station}"`,
  )) ?? 0

/** Waits until status names it, and says how many of its seconds the metric has counted meanwhile. */
async function limited(stage: Busy['stage'], by: Station, text: string): Promise<number> {
  const before = await seconds(stage, by)
  const now = await eventually(async () => {
    const seen = await look(sandbox.client, 'shop')
    const busy = seen.busy['goods']
    return busy?.stage === stage && busy.limitedBy === by ? seen : undefined
  }, `${stage} is limited by ${by}`)
  expect(statusText(now)).toMatch(new RegExp(`goods .*limited by: ${text}`))
  return (await seconds(stage, by)) - before
}

/** HBase answers nobody meanwhile. */
async function frozen(work: () => Promise<void>): Promise<void> {
  await own.servers.hbase.kill('SIGSTOP')
  await work().finally(() => own.servers.hbase.kill('SIGCONT'))
}

/** Lets everything end first. */
async function verifyAgain(mode: string, rowsPerSecond: number): Promise<void> {
  await throttle(null)
  await ended()
  await throttle(rowsPerSecond)
  await sandbox.update('verify', { mode })
}

const ended = (): Promise<true> =>
  sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))

describe.each(['load', 'verify'] as const)('what limits a table: %s', (stage) => {
  test('its limits, while it keeps to a rate', async () => {
    if (stage === 'verify') await verifyAgain('points', SLOWLY)
    await limited(stage, 'limit', 'its limits')
  })

  test('the source, while it does not answer', async () => {
    const other = await sandbox.open()
    await other.query('lock tables goods write')
    await throttle(null)
    expect(await limited(stage, 'source', 'source')).toBeGreaterThan(2)
    await throttle(SLOWLY)
    await other.query('unlock tables')
    await limited(stage, 'limit', 'its limits')
  })

  test('HBase, while it does not answer', async () => {
    await frozen(async () => {
      await throttle(null)
      expect(await limited(stage, 'hbase', 'HBase')).toBeGreaterThan(2)
      await throttle(SLOWLY)
    })
    await limited(stage, 'limit', 'its limits')
    await throttle(null)
  })
})

test('what limits a verification that reads HBase end to end is HBase', async () => {
  await verifyAgain('count', 6000)
  await eventually(async () => {
    const busy = (await look(sandbox.client, 'shop')).busy['goods']
    // before the first page nothing is told
    return busy?.readsTarget === true && busy.limitedBy === 'limit' ? true : undefined
  }, 'HBase is read')
  await frozen(async () => {
    await throttle(null)
    await limited('verify', 'hbase', 'HBase')
  })
})

test('and in the end every row was loaded and compared', async () => {
  await ended()
  const { certificate } = await sandbox.status()
  expect(certificate?.tables).toMatchObject([{ rows: ROWS, differencesFound: 0 }])
  expect((await look(sandbox.client, 'shop')).busy).toEqual({})
})

test('of changes that are applied the metric tells too where their time goes', async () => {
  await sandbox.admin.query(`update goods set v = 'changed' where id <= 5000`)
  await drained(sandbox)
  const counted = async (station: Station): Promise<number> =>
    (await metric(
      metrics,
      'longhaul_station_seconds_total',
      `stage="apply",table="app",station="${station}"`,
    )) ?? 0
  await eventually(
    async () =>
      Math.min(await counted('source'), await counted('worker'), await counted('hbase')) > 0
        ? true
        : undefined,
    'seconds of apply are counted',
  )
})
