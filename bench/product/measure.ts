import { cpuSeconds, foreign, load, workOf } from '../machine.ts'
import { drop, settle } from './farm.ts'
import type { Farm } from './farm.ts'
import type { System } from './system.ts'
import type { Digest, Witness } from './witness.ts'
import type { Workload } from './workloads.ts'

export const STATIONS = ['client', 'source', 'hbase', 'temporal'] as const
export type Station = (typeof STATIONS)[number]
export type Cpu = Readonly<Record<Station, number>>

/** One load of one table. */
export interface Measured {
  readonly rows: number
  readonly seconds: number
  readonly loadSeconds: number
  /** Seconds of processor time. */
  readonly cpu: Cpu
  readonly verifySeconds?: number
  /** The share of the machine that others had meanwhile, 0 to 1. */
  readonly foreign: number
  readonly load: number
}

export const rate = ({ rows, loadSeconds }: Measured): number => rows / loadSeconds

/** Processor time of each row at these stations, in microseconds. */
export const micros = (
  { cpu, rows }: { readonly cpu: Cpu; readonly rows: number },
  stations: readonly Station[],
): number => (stations.reduce((sum, name) => sum + cpu[name], 0) * 1e6) / rows

/** Of one table, filled with so many rows. */
export interface Ground {
  readonly farm: Farm
  readonly witness: Witness
  readonly workload: Workload
  readonly rows: number
}

export interface Round {
  readonly measured: Measured
  readonly held: Digest
  /** Where the regions of the target began. */
  readonly splits: readonly Uint8Array[]
}

/** A load counts only when HBase's own client finds every row. */
export async function measure(
  ground: Ground,
  system: System,
  splits: readonly Uint8Array[] = [],
): Promise<Round> {
  const { farm, witness, workload, rows } = ground
  const what = { workload, rows, splits }
  await system.prepare?.(what)
  const look = watch(farm, system.pid)
  const loaded = await system.load(what)
  const { cpu, foreign } = look()
  const rest = await loaded.rest()
  const regions = await farm.client.regions(loaded.target)
  await settle(farm, loaded.target)
  const { rows: found, cells, digest } = await witness.digest(loaded.target)
  const held = { rows: found, cells, digest }
  if (found !== rows) throw new Error(`${system.name} left ${found} of ${rows} rows`)
  await drop(farm, loaded.target)
  const { seconds, loadSeconds } = loaded
  const measured = { rows, seconds, loadSeconds, cpu, ...rest, foreign, load: load() }
  farm.log(`  ${system.name}: ${lineOf(measured)}`)
  return { measured, held, splits: regions.slice(1).map(({ start }) => start) }
}

/** Begins to count processor time; the function tells what was used since. */
export function watch(
  { source, hbase, temporal }: Farm,
  client: number,
): () => { readonly cpu: Cpu; readonly foreign: number } {
  const pids: Record<Station, number> = {
    client,
    source: source.pid ?? 0,
    hbase: hbase.pid ?? 0,
    temporal: temporal.pid ?? 0,
  }
  const all = [...Object.values(pids), process.pid]
  const before = { work: workOf(all), cpu: each((name) => cpuSeconds(pids[name])) }
  return () => ({
    cpu: each((name) => cpuSeconds(pids[name]) - before.cpu[name]),
    foreign: foreign(before.work, workOf(all)),
  })
}

const each = (of: (name: Station) => number): Record<Station, number> =>
  Object.fromEntries(STATIONS.map((name) => [name, of(name)])) as Record<Station, number>

function lineOf(one: Measured): string {
  const { seconds, verifySeconds } = one
  const each = STATIONS.map((name) => `${name} ${micros(one, [name]).toFixed(1)}`)
  const verified = verifySeconds === undefined ? '' : `, verified in ${verifySeconds.toFixed(1)} s`
  return (
    `${Math.round(rate(one))} rows/s, ${seconds.toFixed(1)} s from the command, ` +
    `CPU-us/row ${each.join(', ')}${verified}, others ${Math.round(one.foreign * 100)} %`
  )
}
