import { HBaseClient } from '../../hbase/index.ts'
import { startWitness } from '../../services/index.ts'
import type { Cluster } from '../../services/index.ts'
import { disturb } from './disturb.ts'
import type { DisturbTally } from './disturb.ts'
import { judge } from './judge.ts'
import type { Verdict } from './judge.ts'
import { Ledger } from './ledger.ts'
import { asBytes } from './random.ts'
import { read } from './readers.ts'
import type { ReadTally } from './readers.ts'
import { hurt } from './schedule.ts'
import type { ScheduleTally } from './schedule.ts'
import { write } from './writers.ts'
import type { Tally } from './writers.ts'

/** Mutations per row, on average. */
const MUTATIONS_PER_ROW = 5
const ADMIN_TIMEOUT_MS = 30_000
const TELL_EVERY_MS = 15_000
/** Markers must outlive every late write (hbase/README.md). */
const MARKER_LIFE_MS = '86400000'

export interface RunOptions {
  readonly seed: number
  readonly mutations: number
  readonly cluster: Cluster
  readonly log: (line: string) => void
}

export interface Report {
  readonly seed: number
  readonly variant: Cluster['variant']
  readonly writes: Tally
  readonly reads: ReadTally
  readonly disturbances: DisturbTally
  readonly schedule: ScheduleTally
  readonly verdict: Verdict
  readonly seconds: number
  /** Everything that must not be, in words; empty when the run is green. */
  readonly wrong: readonly string[]
}

/** One run: writes and scans while the cluster is hurt, then the comparison by HBase's own client. */
export async function runOnce({ seed, mutations, cluster, log }: RunOptions): Promise<Report> {
  const began = performance.now()
  const endpoints = cluster.endpoints
  const client = new HBaseClient({ endpoints })
  const administrator = new HBaseClient({ endpoints, operationTimeoutMs: ADMIN_TIMEOUT_MS })
  const witness = await startWitness({ address: endpoints.join(',') }, log)
  try {
    const ledgers = await createTables(administrator, seed, mutations)
    const tables = ledgers.map(({ place }) => place.table)
    const writes: Tally = { acknowledged: 0, thrown: 0, longestCallMs: 0, wrong: [] }
    const reads: ReadTally = { complete: 0, failed: 0, rows: 0, wrong: [] }
    const disturbances = { moves: 0, splits: 0, merges: 0, metaMoves: 0, refused: 0, wrong: [] }
    const schedule: ScheduleTally = { kills: 0, stops: 0, masterRestarts: 0, revivals: 0 }
    let hurting = true
    const going = (): boolean => hurting
    const progress = (): number => writes.acknowledged / mutations
    const actors = [
      write({ seed, client, ledgers, tally: writes, going }),
      read({ seed, client, ledgers, tally: reads, going }),
      disturb({ seed, client: administrator, tables, tally: disturbances, going }),
      hurt({ seed, cluster, tally: schedule, progress, log }).finally(() => {
        hurting = false
      }),
    ]
    const telling = setInterval(() => {
      const { moves, splits, merges } = disturbances
      log(`${writes.acknowledged} written, ${reads.complete} scans, ${moves}+${splits}+${merges}`)
    }, TELL_EVERY_MS)
    const outcomes = await Promise.allSettled(actors)
    clearInterval(telling)
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    log(`wrote ${writes.acknowledged} mutations; comparing`)
    const verdict = await judge(witness, ledgers)
    for (const table of tables) await dropTable(administrator, table)
    const wrong = [
      ...writes.wrong,
      ...reads.wrong,
      ...disturbances.wrong,
      ...verdict.examples,
      ...(reads.complete === 0 ? ['no scan was complete'] : []),
    ]
    const seconds = (performance.now() - began) / 1000
    const { variant } = cluster
    return { seed, variant, writes, reads, disturbances, schedule, verdict, seconds, wrong }
  } finally {
    await Promise.all([client.close(), administrator.close(), witness.close()])
  }
}

/** The name of one is the beginning of the other's: their regions are neighbours in hbase:meta. */
async function createTables(
  client: HBaseClient,
  seed: number,
  mutations: number,
): Promise<readonly Ledger[]> {
  const epoch = Date.now()
  const rows = Math.ceil(mutations / MUTATIONS_PER_ROW / 2)
  const base = `faults_${seed}_${epoch.toString(36)}`
  const tables = [base, `${base}_more`]
  const splits = ['20', '40', '60', '80', 'a0', 'c0', 'e0'].map(asBytes)
  const family = {
    name: 'd',
    attributes: { VERSIONS: '1' },
    configuration: { 'hbase.hstore.time.to.purge.deletes': MARKER_LIFE_MS },
  }
  for (const name of tables) {
    await client.admin.createTable({ name, families: [family], attributes: {} }, splits)
  }
  return tables.map((table) => new Ledger({ table, rows, epoch }))
}

async function dropTable(client: HBaseClient, table: string): Promise<void> {
  await client.admin.disable(table)
  await client.admin.deleteTable(table)
}
