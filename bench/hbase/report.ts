import { figure } from '../figures.ts'
import type { Both, Figure, Figures, Goal } from '../figures.ts'
import type { Measured, Pair } from './series.ts'
import type { Pass } from './program.ts'

const micros = (pass: Measured<Pass>): number => (pass.cpuSeconds * 1e6) / pass.rows
const rate = (pass: Measured<Pass>): number => pass.rows / pass.seconds

/** All figures of the pairs by name; `theirs` is Java's client, in the last figure hbase-rpc-client. */
export function figuresOf(pairs: readonly Pair[], old: readonly Measured<Pass>[]): Figures {
  const of = (what: string, pick: (pair: Pair) => Both<number>, goal?: Goal): Figure =>
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
