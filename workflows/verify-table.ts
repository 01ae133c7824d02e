import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow'
import { countOf } from '../model/differing.ts'
import { keptUnder, type Mapping } from '../model/mapping.ts'
import type { Limits, Sample, SampleSize, VerifyMode, VerifyReport } from '../model/project.ts'
import { addCounts, addsUp, noCounts, type Counts } from '../plan/counts.ts'
import { SAMPLE_SIZE, sampleOf } from '../model/sample.ts'
import { ATTRIBUTES, verifyStatus } from './messages.ts'
import { data } from './proxies.ts'
import { noRanges, overRanges, pausable, type RangeRun, type RangesState } from './ranges.ts'

export interface VerifyTable {
  readonly project: string
  readonly mapping: Mapping
  readonly schemaHash: string
  readonly limits: Limits
  readonly estimate: number
  readonly round: number
  readonly mode: VerifyMode
  readonly sample?: SampleSize
  /** Version of the loaded cells: none is older. */
  readonly version?: number
  readonly state?: VerifyState
}

interface VerifyState extends RangesState<never> {
  /** `sums` of both sides, in mode buckets; then `rows`: all of them, or those in buckets that are not equal. */
  pass: 'sums' | 'rows'
  /** The second pass looks only at what the first left in doubt. */
  unequalOnly: boolean
  /** Rows of the source that were summed. */
  summed: number
  /** What the sums found equal. */
  equal: Counts
  /** Ranges the whole of the source was read in. */
  ranges: number
  /** The sums left nothing to look at. */
  settled: boolean
  /** In mode sample. */
  sample?: Sample
  /** What the look at the rows found. */
  counts: Counts
  startedAt: number
}

/** From here on reading both sides end to end costs less than asking the target for each row. */
const BUCKETS_FROM = 20_000
/** The sums of a range take 1 MB, however few its rows: a large table is summed in about so many. */
const SUMS = 200

/**
 * Compares every cell of a table in both directions. Mode points: each source row with what the target has for it,
 * then each row of the target with the source's keys. Mode buckets: the sums of both sides, then the rows of unequal
 * buckets as in mode points. Mode sample: as points, for rows picked on both sides alike. Mode count: as buckets, for
 * the keys alone. Repeats no range that is done, from wherever the last run stopped.
 */
export async function verifyTable(input: VerifyTable): Promise<VerifyReport> {
  const { mapping, estimate } = input
  const state = input.state ?? begin(input)
  const passes = { sums: sumRanges(input, state), rows: compareRanges(input, state) }

  setHandler(
    verifyStatus,
    () => ({
      table: mapping.name,
      rows: rowsSeen(state),
      estimate,
      differences: countOf(state.counts),
      paused: state.paused,
    }),
    { description: 'Progress of this verification' },
  )
  pausable(state, { interrupt: () => passes[state.pass].interrupt() })

  const summed = state.pass === 'rows' || (await passes.sums.run())
  if (summed && state.pass === 'sums') await compareSums(input, state)
  const compared = summed && (await passes.rows.run())
  await condition(allHandlersFinished)
  if (!compared) return continueAsNew<typeof verifyTable>({ ...input, state })

  const extras = await compareKeys(input, state)
  await condition(allHandlersFinished)
  return report(input, state, [state.equal, state.counts, extras].reduce(addCounts))
}

const begin = ({ mode, sample = SAMPLE_SIZE, estimate, round }: VerifyTable): VerifyState => {
  const large = estimate >= BUCKETS_FROM
  const buckets = mode === 'buckets' || mode === 'count' || (mode === 'auto' && large)
  return {
    ...noRanges<never>(),
    pass: buckets ? 'sums' : 'rows',
    unequalOnly: buckets,
    summed: 0,
    equal: noCounts(),
    ranges: 0,
    settled: false,
    counts: noCounts(),
    startedAt: Date.now(),
    ...(mode === 'sample' ? { sample: sampleOf(sample, { estimate, round }) } : {}),
  }
}

const tableOf = (input: VerifyTable, { startedAt, unequalOnly, sample }: VerifyState) => ({
  project: input.project,
  mapping: input.mapping,
  schemaHash: input.schemaHash,
  version: input.version ?? 0,
  differences: `${keptUnder(input.project, input.mapping)}|${input.round}`,
  sums: `${input.round}@${startedAt}`,
  unequalOnly,
  ...(input.mode === 'count' ? { keysOnly: true } : {}),
  ...(sample === undefined ? {} : { sample }),
})

const rowsSeen = ({ pass, summed, equal, counts, sample }: VerifyState): number =>
  pass === 'sums' ? summed : equal.rows + Math.round(counts.rows / (sample?.part ?? 1))

/** Both sides' sums; the target's are taken when all of the source's are. */
function sumRanges(input: VerifyTable, state: VerifyState): RangeRun {
  const { mapping, limits, estimate } = input
  return overRanges<never>(state, {
    parallel: limits.rangesInParallel,
    plan: planner(input, state, Math.max(limits.rowsPerRange, Math.ceil(estimate / SUMS))),
    async work(range) {
      const { sumRange } = data(mapping.source, `${mapping.name} sum range ${range.no}`)
      const { rowsPerSecond } = limits
      state.summed += await sumRange({ ...tableOf(input, state), range, rowsPerSecond })
      setCurrentDetails(`**${mapping.name}**: ${state.summed} of about ${estimate} rows summed`)
    },
  })
}

async function compareSums(input: VerifyTable, state: VerifyState): Promise<void> {
  const { source, name } = input.mapping
  const table = tableOf(input, state)
  const { rowsPerSecond } = input.limits
  await data(source, `${name} sum of the target`).sumTarget({ ...table, rowsPerSecond })
  const { compareSums: compare } = data(source, `${name} compare sums`)
  const { equal, unequal } = await compare({ ...table, ranges: state.done })
  const { paused, done: ranges } = state
  const settled = unequal === 0
  Object.assign(state, noRanges<never>(), { pass: 'rows', paused, equal, ranges, settled })
  state.planDone = settled
}

function compareRanges(input: VerifyTable, state: VerifyState): RangeRun {
  const { mapping, limits } = input
  return overRanges<never>(state, {
    parallel: limits.rangesInParallel,
    plan: planner(input, state, limits.rowsPerRange),
    async work(range) {
      const { verifyRange } = data(mapping.source, `${mapping.name} verify range ${range.no}`)
      const { rowsPerSecond } = limits
      const counts = await verifyRange({ ...tableOf(input, state), range, rowsPerSecond })
      state.counts = addCounts(state.counts, counts)
      setCurrentDetails(
        `**${mapping.name}**: ${rowsSeen(state)} of about ${input.estimate} rows compared`,
      )
    },
  })
}

const planner =
  (input: VerifyTable, state: VerifyState, rowsPerRange: number) =>
  (after: string | null, firstNo: number) =>
    data(input.mapping.source, `${input.mapping.name} plan`).planRanges({
      ...tableOf(input, state),
      after,
      firstNo,
      rowsPerRange,
      max: 200,
    })

/** Rows only the target has. Equal sums leave none. */
async function compareKeys(input: VerifyTable, state: VerifyState): Promise<Counts> {
  if (state.settled) return noCounts()
  const { source, name } = input.mapping
  const { matched, different, keysDigest = '' } = state.counts
  const { verifyKeys } = data(source, `${name} rows only the target has`)
  return verifyKeys({
    ...tableOf(input, state),
    rowsPerSecond: input.limits.rowsPerSecond,
    found: { rows: matched + different, keysDigest },
  })
}

function report(input: VerifyTable, state: VerifyState, counts: Counts): VerifyReport {
  const { name } = input.mapping
  if (!addsUp(counts))
    throw ApplicationFailure.nonRetryable(`${name}: not every row read was judged`, 'ROWS_DIFFER')
  upsertSearchAttributes([
    { key: ATTRIBUTES.rows, value: counts.rows },
    { key: ATTRIBUTES.diffs, value: countOf(counts) },
  ])
  const { mode } = input
  const { sample } = state
  const full = state.unequalOnly ? 'buckets' : 'points'
  return {
    ...counts,
    table: name,
    mode: mode === 'count' || mode === 'sample' ? mode : full,
    ...(sample === undefined ? {} : { sample }),
    ranges: state.unequalOnly ? state.ranges : state.done,
    differences: tableOf(input, state).differences,
    startedAt: state.startedAt,
    finishedAt: Date.now(),
  }
}
