import { activityInfo } from '@temporalio/activity'
import type { RangeProgress, Range } from '../model/range.ts'
import { alive, beating } from './beat.ts'
import type { ActivityContext } from './context.ts'
import { copyRows } from './copy-rows.ts'
import { pressureOn } from './pressure.ts'
import { routeTo, type TableInput } from './route.ts'

export interface PlanRanges extends TableInput {
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
    const { rowsPerRange, max, firstNo } = input
    // of a large table the database counts through millions of keys
    const sealed = await alive(async () => {
      const { source, table, seal } = await routeTo(context, input)
      const from = input.after === null ? null : seal.open(input.after)
      const ends = await source.rows.boundaries(table, from, rowsPerRange, max)
      return ends.map((key) => seal.close(key))
    })
    const done = sealed.length < max
    const bounds = [input.after, ...sealed, ...(done ? [null] : [])]
    const ranges = bounds.slice(1).map((upTo, i) => ({
      no: firstNo + i,
      after: bounds[i] ?? null,
      upTo,
    }))
    return { ranges, done }
  },

  /** Copies one range; resumes after the last row that the attempt before, or a pause, is known to have written. */
  async copyRange(input: CopyRange): Promise<CopyProgress> {
    const { range, version, project, mapping } = input
    const route = await alive(() => routeTo(context, input))
    const { seal } = route
    const capture = route.source.capture(project)
    const { pause, holdup } = pressureOn(context, input)
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
      holdup,
    )
    return progress
  },
})
