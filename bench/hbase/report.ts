import type { Both, Measured, Pair } from './series.ts'
import type { Pass } from './program.ts'

/** A ratio, ours to theirs, of every pair. */
export interface Ratio {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

export interface Figure {
  readonly what: string
  readonly ours: number
  readonly theirs: number
  readonly ratio: Ratio
  readonly goal?: Goal
}

/** Of the ratio, but `mostMb` of our own figure. */
interface Goal {
  readonly most?: number
  readonly least?: number
  readonly mostMb?: number
}

export type Figures = Readonly<Record<string, Figure>>

const micros = (pass: Measured<Pass>): number => (pass.cpuSeconds * 1e6) / pass.rows
const rate = (pass: Measured<Pass>): number => pass.rows / pass.seconds

/** All figures of the pairs by name; `theirs` is Java's client, in the last figure hbase-rpc-client. */
export function figuresOf(pairs: readonly Pair[], old: readonly Measured<Pass>[]): Figures {
  const of = (what: string, pick: (pair: Pair) => Both<number>, goal?: Figure['goal']): Figure =>
    figure(what, pairs.map(pick), goal)
  const passes =
    (name: 'cold' | 'warm' | 'scanCold' | 'scanWarm', by: typeof micros) =>
    (pair: Pair): Both<number> => ({ ours: by(pair[name].ours), theirs: by(pair[name].theirs) })
  return {
    writeCpu: of('write: client CPU-µs per row, warm', passes('warm', micros), { most: 0.5 }),
    writeCpuCold: of('write: client CPU-µs per row, first pass', passes('cold', micros)),
    writeRate: of('write: rows/s, warm', passes('warm', rate), { least: 1 }),
    writeRateCold: of('write: rows/s, first pass', passes('cold', rate)),
    scanCpu: of('scan: client CPU-µs per row, warm', passes('scanWarm', micros), { most: 0.5 }),
    scanRate: of('scan: rows/s, warm', passes('scanWarm', rate), { least: 1 }),
    singleP50: of('one put: median, ms', ({ singles }) => both(singles, ({ p50Ms }) => p50Ms)),
    singleP99: of('one put: p99, ms', ({ singles }) => both(singles, ({ p99Ms }) => p99Ms), {
      most: 1.2,
    }),
    writeMb: of('most memory (RSS) while writing, MB', ({ writeMb }) => both(writeMb, megabytes), {
      mostMb: 150,
    }),
    peakMb: of('most memory (RSS), reading too, MB', ({ peakMb }) => both(peakMb, megabytes)),
    ...(old.length === 0
      ? {}
      : {
          rowsPerCpuSecond: figure(
            'write: rows per client CPU-second, warm, beside hbase-rpc-client',
            old.map((theirs, i) => ({
              ours: 1e6 / micros(pairs[i]?.warm.ours ?? theirs),
              theirs: 1e6 / micros(theirs),
            })),
            { least: 20 },
          ),
        }),
  }
}

const megabytes = (mb: number | undefined): number => mb ?? NaN

const both = <T>({ ours, theirs }: Both<T>, pick: (one: T) => number): Both<number> => ({
  ours: pick(ours),
  theirs: pick(theirs),
})

function figure(what: string, pairs: readonly Both<number>[], goal?: Figure['goal']): Figure {
  const ratios = pairs.map(({ ours, theirs }) => ours / theirs)
  const plain = {
    what,
    ours: median(pairs.map(({ ours }) => ours)),
    theirs: median(pairs.map(({ theirs }) => theirs)),
    ratio: {
      median: median(ratios),
      lowest: Math.min(...ratios),
      highest: Math.max(...ratios),
    },
  }
  return goal === undefined ? plain : { ...plain, goal }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2
}

/** Undefined when no goal is set. */
export function isMet({ ours, ratio, goal }: Figure): boolean | undefined {
  if (goal === undefined) return undefined
  if (goal.mostMb !== undefined) return ours <= goal.mostMb
  return ratio.median <= (goal.most ?? Infinity) && ratio.median >= (goal.least ?? -Infinity)
}

export function markdownOf(figures: Figures): string {
  const rows = Object.values(figures).map((one) => {
    const { median: middle, lowest, highest } = one.ratio
    const spread = `${round(middle)} (${round(lowest)} – ${round(highest)})`
    return `| ${one.what} | ${round(one.ours)} | ${round(one.theirs)} | ${spread} | ${goalOf(one)} |`
  })
  return [
    '| | longhaul | peer | ratio (lowest – highest) | goal |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

function goalOf(one: Figure): string {
  const { goal } = one
  if (goal === undefined) return ''
  const { most, least = 0, mostMb } = goal
  const wanted = most === undefined ? `at least ${least}` : `at most ${most}`
  const text = mostMb === undefined ? wanted : `ours at most ${mostMb} MB`
  return `${text}: ${isMet(one) === true ? 'met' : 'not met'}`
}

const round = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : value.toPrecision(3).replace(/\.?0+$/, '')
