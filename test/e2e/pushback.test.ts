import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { look } from '../../cli/look.ts'
import type { Snapshot } from '../../cli/snapshot.ts'
import { statusText } from '../../cli/status-text.ts'
import { freePort } from '../../services/ports.ts'
import { judgeFirst } from './judge.ts'
import { drained, eventually, fill } from './live.ts'
import { startOwnWith, type OwnServers } from './own-servers.ts'
import { metric } from './metrics.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'

const ROWS = 30_000
/** A region that holds so little answers RegionTooBusyException until it has been flushed (HRegion.checkResources). */
const BUSY = {
  'hbase.hregion.memstore.flush.size': '524288',
  'hbase.hregion.memstore.flush.size.limit': '1',
  'hbase.hregion.memstore.block.multiplier': '1',
}
const TOO_MUCH = 'HBase has too much to do (RegionTooBusyException)'

let own: OwnServers<'hbase'>
let sandbox: Sandbox
let metrics = 0
beforeAll(async () => {
  own = await startOwnWith({ hbase: { settings: BUSY } }, 'hbase')
  sandbox = await openSandbox('mysql', {
    temporal: inject('temporal'),
    hbase: own.servers.hbase.address,
    database: inject('mysql'),
  })
  metrics = await freePort()
  await fill(sandbox, 'goods', ROWS)
  await sandbox.worker({ metrics })
  await sandbox.start('tables: [$db.goods]\nverify: { mode: buckets, correct: never }')
}, 240_000)
afterAll(async () => {
  await sandbox.close()
  await own.close()
}, 60_000)

const seen = (what: string, is: (now: Snapshot) => boolean): Promise<Snapshot> =>
  eventually(async () => {
    const now = await look(sandbox.client, 'shop').catch(() => undefined)
    return now !== undefined && is(now) ? now : undefined
  }, what)

/** Seconds that calls waited, as the worker's page for Prometheus says. */
const waited = async (): Promise<number> =>
  (await metric(metrics, 'longhaul_pushback_seconds_total', `table="${sandbox.name}:goods"`)) ?? 0

test('a load goes on as fast as HBase lets it, and status says what holds it up', async () => {
  const now = await seen('the load is held up', ({ busy }) => Boolean(busy['goods']?.pushback))
  expect(statusText(now)).toMatch(
    /goods +loading .*HBase has too much to do \(RegionTooBusyException\)/,
  )
  await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), { seconds: 150 })
  expect(await waited()).toBeGreaterThan(2)
  const { certificate } = await sandbox.status()
  expect(certificate).toMatchObject({ clean: true, deadLetters: 0, tables: [{ rows: ROWS }] })
}, 200_000)

test('changes are applied as fast as HBase lets them, and none is lost', async () => {
  const before = await waited()
  for (let time = 0; time < 4; time++)
    await sandbox.admin.query(`update goods set v = repeat('${time}', 40)`)
  const now = await seen('apply is held up', ({ apply }) => Boolean(apply?.pushback))
  expect(statusText(now)).toContain(`Changes are written more slowly: ${TOO_MUCH}`)
  await drained(sandbox)
  expect(await waited()).toBeGreaterThan(before)
  await seen('nothing holds it up', ({ apply }) => apply !== null && apply.pushback === null)
  const judgement = await judgeFirst(own.servers.hbase.address, sandbox)
  expect(judgement).toMatchObject({ rows: ROWS, differences: [] })
}, 200_000)
