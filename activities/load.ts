import { activityInfo } from '@temporalio/activity'
import type { RangeProgress, Range } from '../model/range.ts'
import { alive, beating } from './beat.ts'
import type { ActivityContext } from './context.ts'
import { copyRows } from './copy-rows.ts'
import { pressureOn } from './pressure.ts'
import { routeTo, type Route, type TableInput } from './route.ts'

export interface PlanRanges extends TableInput, RangesToPlan {}

interface RangesToPlan {
  /** Sealed key that ends the ranges planned before. */
  readonly after: string | null
  readonly rowsPerRange: number
  readonly max: number
  readonly firstNo: number
}

export interface CopyRange extends TableInput {
  readonly range: Range
  readonly version: number
  /** Where a pause left it. */
  readonly from: CopyProgress | null
  readonly rowsPerSecond: number | null
}

export interface CopyProgress extends RangeProgress {
  readonly dead: number
}

export const loadActivities = (context: ActivityContext) => ({
  /** The next ranges of a table's key order; the last one is open, so that together they cover every key. */
  async planRanges(input: PlanRanges): Promise<{ ranges: Range[]; done: boolean }> {
    // of a large table the database counts through millions of keys
    return alive(async () => rangesOf(await routeTo(context, input), input))
  },

  /** Copies one range; resumes after the last row that the attempt before, or a pause, is known to have written. */
  async copyRange(input: CopyRange): Promise<CopyProgress> {
    const { range, version, project, mapping } = input
    const route = await alive(() => routeTo(context, input))
    const { seal } = route
    const capture = route.source.capture(project)
    const pressure = pressureOn(context, input, 'load')
    const { pause, stations } = pressure
    let progress = (activityInfo().heartbeatDetails as CopyProgress | undefined) ??
      input.from ?? { at: range.after, rows: 0, dead: 0 }
    await beating(
      () => progress,
      (signal) =>
        copyRows({
          route,
          bury: (dead) => capture.bury(dead),
          after: progress.at === null ? null : seal.open(progress.at),
          upTo: range.upTo === null ? null : seal.open(range.upTo),
          version,
          pause,
          stations,
          signal,
          reached: context.reached,
          written(key, rows, dead) {
            progress = {
              at: seal.close(key),
              rows: progress.rows + rows,
              dead: progress.dead + dead,
            }
            context.meter.rows('load', mapping.name, rows)
          },
        }),
      pressure,
    )
    return progress
  },
})

/** What `planRanges` answers. */
export async function rangesOf(
  { source, table, seal }: Route,
  { after, rowsPerRange, max, firstNo }: RangesToPlan,
): Promise<{ ranges: Range[]; done: boolean }> {
  const from = after === null ? null : seal.open(after)
  const ends = await source.rows.boundaries(table, from, rowsPerRange, max)
  const done = ends.length < max
  const bounds = [after, ...ends.map((key) => seal.close(key)), ...(done ? [null] : [])]
  const ranges = bounds.slice(1).map((upTo, i) => ({
    no: firstNo + i,
    after: bounds[i] ?? null,
    upTo,
  }))
  return { ranges, done }
}
