import { cpuSeconds, foreign, load, workOf } from '../machine.ts'
import { drop, settle } from './farm.ts'
import type { Farm } from './farm.ts'
import type { Digest, JavaSystem } from './java.ts'
import type { System } from './system.ts'
import type { Workload } from './workloads.ts'

export const STATIONS = ['client', 'source', 'hbase', 'temporal'] as const
export type Station = (typeof STATIONS)[number]

/** One load of one table. */
export interface Measured {
  readonly rows: number
  readonly seconds: number
  readonly loadSeconds: number
  /** Seconds of processor time. */
  readonly cpu: Readonly<Record<Station, number>>
  readonly verifySeconds?: number
  /** The share of the machine that others had meanwhile, 0 to 1. */
  readonly foreign: number
  readonly load: number
}

export const rate = ({ rows, loadSeconds }: Measured): number => rows / loadSeconds

/** Processor time per row at these stations, in microseconds. */
export const micros = ({ cpu, rows }: Measured, stations: readonly Station[]): number =>
  (stations.reduce((sum, name) => sum + cpu[name], 0) * 1e6) / rows

/** Two processes, each of which loads twice: longhaul, java, java, longhaul. */
export interface Pair {
  readonly cold: Both
  readonly warm: Both
  readonly peakMb: { readonly longhaul: number | undefined; readonly java: number | undefined }
}

export interface Both {
  readonly longhaul: Measured
  readonly java: Measured
}

export interface Series {
  readonly farm: Farm
  readonly workload: Workload
  readonly rows: number
  readonly start: {
    readonly longhaul: () => Promise<System>
    readonly java: () => JavaSystem
  }
}

export async function runPair(series: Series): Promise<Pair> {
  const longhaul = await series.start.longhaul()
  const java = series.start.java()
  try {
    const first = await measure(series, longhaul, java)
    const second = await measure(series, java, java)
    const third = await measure(series, java, java)
    const fourth = await measure(series, longhaul, java)
    const held = new Set([first, second, third, fourth].map(({ held }) => JSON.stringify(held)))
    if (held.size > 1)
      throw new Error(`The tables do not hold the same: ${[...held].join(' and ')}`)
    return {
      cold: { longhaul: first.measured, java: second.measured },
      warm: { longhaul: fourth.measured, java: third.measured },
      peakMb: { longhaul: longhaul.peakMb(), java: java.peakMb() },
    }
  } finally {
    await Promise.all([longhaul.close(), java.close()])
  }
}

/** A run counts only when HBase's own client finds every row. */
async function measure(
  { farm, workload, rows }: Series,
  system: System,
  witness: JavaSystem,
): Promise<{ measured: Measured; held: Digest }> {
  const pids: Record<Station, number> = {
    client: system.pid,
    source: farm.source.pid ?? 0,
    hbase: farm.hbase.pid ?? 0,
    temporal: farm.temporal.pid ?? 0,
  }
  const all = [...Object.values(pids), process.pid]
  const before = { work: workOf(all), cpu: cpuOf(pids) }
  const loaded = await system.load(workload.name)
  const after = { work: workOf(all), cpu: cpuOf(pids) }
  const rest = await loaded.rest()
  await settle(farm, loaded.target)
  const { rows: found, cells, digest } = await witness.digest(loaded.target)
  if (found !== rows) throw new Error(`${system.name} left ${found} of ${rows} rows in HBase`)
  await drop(farm, loaded.target)
  const measured: Measured = {
    rows,
    seconds: loaded.seconds,
    loadSeconds: loaded.loadSeconds,
    cpu: Object.fromEntries(
      STATIONS.map((name) => [name, after.cpu[name] - before.cpu[name]]),
    ) as Record<Station, number>,
    ...rest,
    foreign: foreign(before.work, after.work),
    load: load(),
  }
  farm.log(`  ${system.name}: ${lineOf(measured)}`)
  return { measured, held: { rows: found, cells, digest } }
}

const cpuOf = (pids: Record<Station, number>): Record<Station, number> =>
  Object.fromEntries(STATIONS.map((name) => [name, cpuSeconds(pids[name])])) as Record<
    Station,
    number
  >

function lineOf(one: Measured): string {
  const { seconds, verifySeconds } = one
  const each = STATIONS.map((name) => `${name} ${micros(one, [name]).toFixed(1)}`)
  const verified = verifySeconds === undefined ? '' : `, verified in ${verifySeconds.toFixed(1)} s`
  return (
    `${Math.round(rate(one))} rows/s, ${seconds.toFixed(1)} s from the command, ` +
    `CPU-us/row ${each.join(', ')}${verified}, others ${Math.round(one.foreign * 100)} %`
  )
}
