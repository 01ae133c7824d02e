import type { HBaseClient } from '../../hbase/index.ts'
import type { Log } from '../../services/contract.ts'
import type { Both } from '../figures.ts'
import { foreign, load, workOf } from '../machine.ts'
import type { Peer, Peers } from './peers.ts'
import type { Pass, Scanned, Singles } from './program.ts'
import { FAMILY, SPLITS, sumOf } from './rows.ts'

export const TABLE = 'bench_rows'

export interface Sizes {
  /** Of one pass. */
  readonly rows: number
  readonly pairs: number
  /** Puts one after the other, of each client. */
  readonly singles: number
  /** Rows of one pass of hbase-rpc-client; 0 leaves it out. */
  readonly oldRows: number
}

/** One pass and what else the machine did. */
export type Measured<T extends Pass> = T & {
  readonly rows: number
  /** The share of all cores that others had, 0 to 1. */
  readonly foreign: number
  readonly load: number
}

/** Two processes, each of which writes twice: O J J O. Each writing is read by the other client: J O O J. */
export interface Pair {
  readonly cold: Both<Measured<Pass>>
  readonly warm: Both<Measured<Pass>>
  readonly scanCold: Both<Measured<Scanned>>
  readonly scanWarm: Both<Measured<Scanned>>
  readonly singles: Both<Singles>
  /** After the first pass of writing; Java's process has read once before. */
  readonly writeMb: Both<number | undefined>
  /** After everything. */
  readonly peakMb: Both<number | undefined>
}

/** What every measurement needs. */
export interface Bench {
  readonly client: HBaseClient
  readonly peers: Peers
  readonly serverPid: number
  readonly sizes: Sizes
  readonly log: Log
}

export async function createTable({ client }: Bench): Promise<void> {
  const families = [{ name: FAMILY, attributes: { VERSIONS: '1' } }]
  await client.admin.createTable({ name: TABLE, families, attributes: {} }, SPLITS)
}

/** The server compiles its own hot paths first; its first million rows cost far more than the later ones. */
export async function warmUp(bench: Bench, rows: number): Promise<void> {
  const [ours, java] = [bench.peers.ours(), bench.peers.java()]
  for (const peer of [java, ours, java, ours]) {
    await peer.write(TABLE, rows)
    await settle(bench)
    await peer.scan(TABLE)
    await empty(bench)
  }
  await Promise.all([ours.close(), java.close()])
}

export async function runPair(bench: Bench): Promise<Pair> {
  const ours = bench.peers.ours()
  const java = bench.peers.java()
  const first = await round(bench, ours, java)
  const second = await round(bench, java, ours)
  const third = await round(bench, java, ours)
  const fourth = await round(bench, ours, java)
  const peakMb = { ours: ours.peakMb(), theirs: java.peakMb() }
  const singles = await inTurns(bench, ours, java)
  await Promise.all([ours.close(), java.close()])
  return {
    cold: { ours: first.written, theirs: second.written },
    warm: { ours: fourth.written, theirs: third.written },
    scanCold: { ours: second.scanned, theirs: first.scanned },
    scanWarm: { ours: third.scanned, theirs: fourth.scanned },
    singles,
    writeMb: { ours: first.writeMb, theirs: second.writeMb },
    peakMb,
  }
}

/** A pass of hbase-rpc-client, its second one. */
export async function runOld(bench: Bench): Promise<Measured<Pass>> {
  const rows = bench.sizes.oldRows
  const peer = bench.peers.old()
  await peer.write(TABLE, rows)
  const pass = await watched(bench, peer, rows, () => peer.write(TABLE, rows))
  await peer.close()
  await empty(bench)
  return pass
}

/** One client writes an empty table; then the other reads it, and must find exactly what was written. */
async function round(bench: Bench, writer: Peer, reader: Peer) {
  const { rows } = bench.sizes
  // Finds the regions, which are new ones after `empty`.
  await writer.write(TABLE, 16)
  const written = await watched(bench, writer, rows, () => writer.write(TABLE, rows))
  const writeMb = writer.peakMb()
  await settle(bench)
  const scanned = await watched(bench, reader, rows, () => reader.scan(TABLE))
  if (scanned.rows !== rows || scanned.sum !== sumOf(rows))
    throw new Error(`A scan found ${scanned.rows} of ${rows} rows, or not as they were written.`)
  await empty(bench)
  return { written, scanned, writeMb }
}

const TURNS = 4

/** Single puts in short turns, so that both clients see the same server. */
async function inTurns(bench: Bench, ours: Peer, java: Peer): Promise<Both<Singles>> {
  const count = Math.ceil(bench.sizes.singles / TURNS)
  for (const peer of [ours, java]) await peer.single(TABLE, count)
  const mine: Singles[] = []
  const theirs: Singles[] = []
  for (let turn = 0; turn < TURNS; turn++) {
    const order = turn % 2 === 0 ? [ours, java] : [java, ours]
    for (const peer of order) (peer === ours ? mine : theirs).push(await peer.single(TABLE, count))
  }
  await empty(bench)
  return { ours: typical(mine), theirs: typical(theirs) }
}

/** The median of the turns, figure by figure: one turn with a pause of the machine must not decide. */
function typical(turns: readonly Singles[]): Singles {
  const of = (figure: keyof Singles): number => {
    const sorted = turns.map((turn) => turn[figure]).sort((a, b) => a - b)
    return sorted[sorted.length >> 1] ?? 0
  }
  return {
    ...{ seconds: of('seconds'), cpuSeconds: of('cpuSeconds') },
    ...{ p50Ms: of('p50Ms'), p99Ms: of('p99Ms') },
  }
}

async function watched<T extends Pass>(
  { serverPid, log }: Bench,
  { pid }: Peer,
  rows: number,
  work: () => Promise<T>,
): Promise<Measured<T>> {
  const pids = [serverPid, pid, process.pid]
  const before = workOf(pids)
  const pass = await work()
  const measured = { ...pass, rows, foreign: foreign(before, workOf(pids)), load: load() }
  const rate = Math.round(rows / pass.seconds)
  const cpu = ((pass.cpuSeconds * 1e6) / rows).toFixed(2)
  log(`  ${rate} rows/s, ${cpu} CPU-us/row, others ${Math.round(measured.foreign * 100)} %`)
  return measured
}

/** Waits until everything written is in one file per region. */
async function settle({ client }: Bench): Promise<void> {
  await client.admin.flush(TABLE)
  await client.admin.compact(TABLE, { major: true })
}

async function empty({ client }: Bench): Promise<void> {
  await client.admin.disable(TABLE)
  await client.admin.truncate(TABLE)
}
