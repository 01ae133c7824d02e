import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow'
import type { Mapping } from '../model/mapping.ts'
import type { Limits, VerifyReport } from '../model/project.ts'
import { addCounts, addsUp, noCounts, type Counts } from '../plan/counts.ts'
import { ATTRIBUTES, verifyStatus } from './messages.ts'
import { data } from './proxies.ts'
import { noRanges, overRanges, pausable, type RangesState } from './ranges.ts'

export interface VerifyTable {
  readonly project: string
  readonly mapping: Mapping
  readonly schemaHash: string
  readonly limits: Limits
  readonly estimate: number
  readonly round: number
  readonly state?: VerifyState
}

interface VerifyState extends RangesState<never> {
  counts: Counts
  startedAt: number
}

/**
 * Compares every cell of a table in both directions: each source row with what the target has for it, then
 * each row of the target with the source's keys. Repeats no range that is done, from wherever the last run stopped.
 */
export async function verifyTable(input: VerifyTable): Promise<VerifyReport> {
  const { project, mapping, schemaHash, limits, estimate, round } = input
  const differences = `${project}|${mapping.name}|${round}`
  const table = { project, mapping, schemaHash, differences }
  const state: VerifyState = input.state ?? {
    ...noRanges<never>(),
    counts: noCounts(),
    startedAt: Date.now(),
  }

  const ranges = overRanges<never>(state, {
    parallel: limits.rangesInParallel,
    plan: (after, firstNo) =>
      data(mapping.source, `${mapping.name} plan`).planRanges({
        ...table,
        after,
        firstNo,
        rowsPerRange: limits.rowsPerRange,
        max: 200,
      }),
    async work(range) {
      const { verifyRange } = data(mapping.source, `${mapping.name} verify range ${range.no}`)
      const counts = await verifyRange({ ...table, range, rowsPerSecond: limits.rowsPerSecond })
      state.counts = addCounts(state.counts, counts)
      setCurrentDetails(
        `**${mapping.name}**: ${state.counts.rows} of about ${estimate} rows compared`,
      )
    },
  })

  setHandler(
    verifyStatus,
    () => ({
      table: mapping.name,
      rows: state.counts.rows,
      estimate,
      differences: state.counts.missing + state.counts.different + state.counts.extra,
      paused: state.paused,
    }),
    { description: 'Progress of this verification' },
  )
  pausable(state, ranges)

  const finished = await ranges.run()
  await condition(allHandlersFinished)
  if (!finished) return continueAsNew<typeof verifyTable>({ ...input, state })

  const { matched, different, keysDigest = '' } = state.counts
  const { verifyKeys } = data(mapping.source, `${mapping.name} rows only the target has`)
  const extras = await verifyKeys({ ...table, found: { rows: matched + different, keysDigest } })
  await condition(allHandlersFinished)
  const counts = addCounts(state.counts, extras)
  if (!addsUp(counts))
    throw ApplicationFailure.nonRetryable(
      `${mapping.name}: not every row read was judged`,
      'ROWS_DIFFER',
    )
  upsertSearchAttributes([
    { key: ATTRIBUTES.rows, value: counts.rows },
    { key: ATTRIBUTES.diffs, value: counts.missing + counts.different + counts.extra },
  ])
  return {
    ...counts,
    table: mapping.name,
    ranges: state.done,
    differences,
    startedAt: state.startedAt,
    finishedAt: Date.now(),
  }
}
