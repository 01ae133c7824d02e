import {
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import type { Lag } from '../model/change.ts'
import type { ApplyStatus } from '../model/project.ts'
import { lagOf, tooLong } from '../model/lag.ts'
import { onControl } from './controls.ts'
import {
  ATTRIBUTES,
  applyStatus,
  follow,
  logAlarm,
  pause,
  resume,
  stop,
  type AppliedTable,
} from './messages.ts'
import { without } from './project-state.ts'
import { checks, data } from './proxies.ts'
import { whyOf } from './why.ts'

export interface ApplyChanges {
  readonly project: string
  readonly tables: readonly AppliedTable[]
  /** More changes waiting in one log raise an alarm. */
  readonly logRows: number
  readonly state?: ApplyState
}

interface ApplyState {
  applied: number
  paused: boolean
  stopping: boolean
  /** Why apply stands still until somebody resumes it. */
  error: string | null
  /** Tables that are left out, as status says it. */
  halted: Record<string, string>
  /** What waits in each source's log, as last seen. */
  lags: Record<string, Lag>
}

/** One activity drains this long; its heartbeats tell the lag meanwhile. */
const SECONDS = 20
const TEND_EVERY = '1 minute'

/** Keeps the targets in step until it is told to stop: for each source one bounded activity after another. */
export async function applyChanges(input: ApplyChanges): Promise<{ applied: number }> {
  const { project, logRows } = input
  let { tables } = input
  const sources = [...new Set(tables.map(({ mapping }) => mapping.source))]
  const state: ApplyState = input.state ?? {
    applied: 0,
    paused: false,
    stopping: false,
    error: null,
    halted: {},
    lags: {},
  }
  let scope = new CancellationScope()

  setHandler(applyStatus, () => status(state, logRows), { description: 'Changes applied, lag' })
  onControl(pause, () => {
    state.paused = true
    scope.cancel()
    return 'pausing'
  })
  onControl(resume, () => {
    state.paused = false
    state.error = null
    state.halted = {}
    return 'resumed'
  })
  onControl(follow, (changed) => {
    tables = tables.map((one) => changed.find((other) => isOf(one, other)) ?? one)
    state.halted = without(
      state.halted,
      changed.map(({ mapping }) => mapping.name),
    )
    // What runs would still take them for what they were
    scope.cancel()
    return 'following'
  })
  onControl(stop, () => {
    state.stopping = true
    scope.cancel()
    return 'stopping'
  })

  const noticed = noticing(state, logRows)
  setHandler(logAlarm, ({ source, lag }) => {
    state.lags[source] = lag
    noticed()
  })

  const drain = async (source: string): Promise<void> => {
    while (goesOn(state) && !workflowInfo().continueAsNewSuggested) {
      const own = tables.filter(({ mapping }) => mapping.source === source)
      const drained = await data(source, `apply ${source}`).applyBatches({
        project,
        source,
        tables: own,
        except: own.flatMap(({ mapping }) => (mapping.name in state.halted ? mapping.anchor : [])),
        seconds: SECONDS,
        logRows,
      })
      for (const { mapping } of own) {
        const why = drained.halted[mapping.anchor]
        if (why !== undefined) state.halted[mapping.name] = why
      }
      state.applied += drained.applied
      state.lags[source] = drained.lag
      noticed()
    }
  }
  /** While nothing is applied the log goes on growing: it is looked at now and then, and folded. */
  const tend = async (): Promise<void> => {
    const looked = sources.map(async (source) => {
      state.lags[source] = await checks(source, `log of ${source}`).tendLog({
        project,
        source,
        logRows,
      })
    })
    await Promise.allSettled(looked)
    noticed()
  }

  while (!state.stopping && !workflowInfo().continueAsNewSuggested) {
    if (!goesOn(state)) {
      if (!(await condition(() => goesOn(state) || state.stopping, TEND_EVERY))) await tend()
      continue
    }
    scope = new CancellationScope()
    const ended = await scope.run(() => Promise.allSettled(sources.map(drain)))
    const failed = ended.find((one) => one.status === 'rejected' && !isCancellation(one.reason))
    // what apply cannot mend by trying again waits for a person; the log keeps every change meanwhile
    if (failed?.status === 'rejected') state.error = whyOf(failed.reason)
    const here = CancellationScope.current()
    if (here.consideredCancelled) await here.cancelRequested // rejects: the workflow ends as cancelled
  }
  await condition(allHandlersFinished)
  if (!state.stopping) return continueAsNew<typeof applyChanges>({ ...input, tables, state })
  return { applied: state.applied }
}

const isOf = (one: AppliedTable, other: AppliedTable): boolean =>
  one.mapping.name === other.mapping.name

const goesOn = (state: ApplyState): boolean =>
  !state.stopping && !state.paused && state.error === null

/** Shows in Temporal what waits. An event of the history each time: only when it is another number of minutes, or another alarm. */
function noticing(state: ApplyState, logRows: number): () => void {
  let minutes = -1
  let alarmed = false
  return () => {
    const { lag, lags } = status(state, logRows)
    const long = tooLong(lags, logRows)
    const now = Math.floor(lag.seconds / 60)
    if (now !== minutes || alarmed !== long.length > 0)
      upsertSearchAttributes([
        { key: ATTRIBUTES.lag, value: Math.round(lag.seconds) },
        ...(alarmed || long.length > 0
          ? [{ key: ATTRIBUTES.alarm, value: long.length > 0 ? 'log' : 'none' }]
          : []),
      ])
    minutes = now
    alarmed = long.length > 0
    setCurrentDetails(
      [
        `${state.applied} changes applied, lag ${lag.seconds} s`,
        ...long.map(
          ([source, { changes }]) =>
            `**The log of ${source} holds ${changes} changes, more than ${logRows}**`,
        ),
      ].join('; '),
    )
  }
}

const status = (state: ApplyState, logRows: number): ApplyStatus => ({
  applied: state.applied,
  paused: state.paused,
  error: state.error,
  halted: state.halted,
  lag: lagOf(Object.values(state.lags)),
  lags: state.lags,
  logRows,
})
