import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow'
import type { Mapping } from '../model/mapping.ts'
import type { Limits } from '../model/project.ts'
import type { CopyProgress } from '../activities/load.ts'
import { ATTRIBUTES, loadStatus } from './messages.ts'
import { data } from './proxies.ts'
import { noRanges, overRanges, pausable, type RangesState } from './ranges.ts'

export interface LoadTable {
  readonly project: string
  readonly mapping: Mapping
  readonly schemaHash: string
  readonly limits: Limits
  readonly estimate: number
  readonly state?: LoadState
}

interface LoadState extends RangesState<CopyProgress> {
  /** Version of every loaded cell: one token, taken before the first row is read. */
  version: number
  rows: number
  dead: number
}

export interface TableLoaded {
  readonly rows: number
  readonly ranges: number
  readonly dead: number
  readonly version: number
}

/** Full load of one table: ranges of its key order, a few at a time, from wherever the last run stopped. */
export async function loadTable(input: LoadTable): Promise<TableLoaded> {
  const { project, mapping, schemaHash, limits, estimate } = input
  const table = { project, mapping, schemaHash }
  const state: LoadState = input.state ?? { ...noRanges(), version: 0, rows: 0, dead: 0 }

  const ranges = overRanges<CopyProgress>(state, {
    parallel: limits.rangesInParallel,
    plan: (after, firstNo) =>
      data(mapping.source, `${mapping.name} plan`).planRanges({
        ...table,
        after,
        firstNo,
        rowsPerRange: limits.rowsPerRange,
        max: 200,
      }),
    async work(range, from) {
      const { copyRange } = data(mapping.source, `${mapping.name} range ${range.no}`)
      const { version } = state
      const { rowsPerSecond } = limits
      const copied = await copyRange({ ...table, range, version, from, rowsPerSecond })
      state.rows += copied.rows
      state.dead += copied.dead
      describe()
    },
  })
  const describe = (): void =>
    setCurrentDetails(`**${mapping.name}**: ${state.rows} of about ${estimate} rows loaded`)

  setHandler(
    loadStatus,
    () => ({
      table: mapping.name,
      rows: state.rows,
      estimate,
      ranges: state.done,
      inFlight: ranges.inFlight(),
      paused: state.paused,
    }),
    { description: 'Progress of this table' },
  )
  pausable(state, ranges)

  if (state.version === 0)
    state.version = await data(mapping.source, `${mapping.name} token`).allocateToken({
      project,
      source: mapping.source,
    })
  const finished = await ranges.run()
  await condition(allHandlersFinished)
  if (!finished) return continueAsNew<typeof loadTable>({ ...input, state })
  upsertSearchAttributes([{ key: ATTRIBUTES.rows, value: state.rows }])
  return { rows: state.rows, ranges: state.done, dead: state.dead, version: state.version }
}
