import {
  ActivityFailure,
  CancelledFailure,
  condition,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow'
import type { Range } from '../model/range.ts'
import { onControl } from './controls.ts'
import { pause, resume } from './messages.ts'
import { Window } from './window.ts'

/** What a workflow over ranges remembers; it is its own input after a continue-as-new. */
export interface RangesState<Partial> {
  planned: Range[]
  /** Work on ranges that a pause interrupted, by number. */
  partial: Record<string, Partial>
  after: string | null
  planDone: boolean
  done: number
  paused: boolean
}

export const noRanges = <Partial>(): RangesState<Partial> => ({
  planned: [],
  partial: {},
  after: null,
  planDone: false,
  done: 0,
  paused: false,
})

export interface RangeWork<Partial> {
  readonly parallel: number
  readonly plan: (
    after: string | null,
    firstNo: number,
  ) => Promise<{ ranges: readonly Range[]; done: boolean }>
  /** Works on one range, from where a pause left it. */
  readonly work: (range: Range, from: Partial | null) => Promise<void>
}

/** The two ways a pause reaches work in flight. */
export interface RangeRun {
  readonly inFlight: () => number
  interrupt(): void
  /** True when every range is done; false when this run should continue as new. */
  run(): Promise<boolean>
}

/** Ranges of a table, a few at a time, from wherever the last run stopped. */
export function overRanges<Partial>(
  state: RangesState<Partial>,
  { parallel, plan, work }: RangeWork<Partial>,
): RangeRun {
  const window = new Window(parallel)

  const one = async (range: Range): Promise<void> => {
    try {
      await work(range, state.partial[range.no] ?? null)
      state.done++
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- plain JSON state survives a continue-as-new, a Map does not
      delete state.partial[range.no]
    } catch (error) {
      if (!isCancellation(error) || !state.paused) throw error
      const progress = reported(error) as Partial | undefined // paused "now": keep where the activity stood
      if (progress !== undefined) state.partial[range.no] = progress
      state.planned.unshift(range)
    }
  }

  const step = async (): Promise<void> => {
    if (state.paused) {
      await window.settle()
      await condition(() => !state.paused)
    } else if (state.planned.length === 0 && !state.planDone) {
      const next = await plan(state.after, state.done + window.inFlight)
      state.planned.push(...next.ranges)
      state.planDone = next.done
      state.after = next.ranges.at(-1)?.upTo ?? null
    } else if (state.planned.length > 0 && !window.full) {
      const range = state.planned.shift()
      if (range !== undefined) window.start(() => one(range))
    } else {
      await window.changed(() => state.paused)
    }
  }

  const finished = (): boolean =>
    state.planDone && state.planned.length === 0 && window.inFlight === 0

  return {
    inFlight: () => window.inFlight,
    interrupt: () => window.interrupt(),
    async run() {
      try {
        while (!window.failed && !finished() && !workflowInfo().continueAsNewSuggested) await step()
      } finally {
        await window.settle()
      }
      window.check()
      return finished()
    },
  }
}

/** Lets an operator pause and resume the ranges of a table; registered before the first await. */
export function pausable(state: { paused: boolean }, ranges: Pick<RangeRun, 'interrupt'>): void {
  onControl(pause, (how) => {
    state.paused = true
    if (how?.mode === 'now') ranges.interrupt()
    return 'pausing'
  })
  onControl(resume, () => {
    state.paused = false
    return 'resumed'
  })
}

const reported = (error: unknown): unknown =>
  error instanceof ActivityFailure && error.cause instanceof CancelledFailure
    ? (error.cause.details as readonly unknown[] | undefined)?.[0]
    : undefined
