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
import { onControl } from './controls.ts'
import {
  ATTRIBUTES,
  applyStatus,
  follow,
  pause,
  resume,
  stop,
  type AppliedTable,
} from './messages.ts'
import { without } from './project-state.ts'
import { data } from './proxies.ts'
import { whyOf } from './why.ts'

export interface ApplyChanges {
  readonly project: string
  readonly tables: readonly AppliedTable[]
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

/** Keeps the targets in step until it is told to stop: for each source one bounded activity after another. */
export async function applyChanges(input: ApplyChanges): Promise<{ applied: number }> {
  const { project } = input
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

  setHandler(applyStatus, () => status(state), { description: 'Changes applied, lag' })
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

  let noticed = -1
  // an event of the history each time: only when it is another number of minutes
  const notice = (seconds: number): void => {
    const minutes = Math.floor(seconds / 60)
    if (minutes === noticed) return
    noticed = minutes
    upsertSearchAttributes([{ key: ATTRIBUTES.lag, value: Math.round(seconds) }])
  }

  const drain = async (source: string): Promise<void> => {
    while (goesOn(state) && !workflowInfo().continueAsNewSuggested) {
      const own = tables.filter(({ mapping }) => mapping.source === source)
      const drained = await data(source, `apply ${source}`).applyBatches({
        project,
        source,
        tables: own,
        except: own.flatMap(({ mapping }) => (mapping.name in state.halted ? mapping.anchor : [])),
        seconds: SECONDS,
      })
      for (const { mapping } of own) {
        const why = drained.halted[mapping.anchor]
        if (why !== undefined) state.halted[mapping.name] = why
      }
      state.applied += drained.applied
      state.lags[source] = drained.lag
      notice(status(state).lag.seconds)
      setCurrentDetails(`${state.applied} changes applied, lag ${status(state).lag.seconds} s`)
    }
  }

  while (!state.stopping && !workflowInfo().continueAsNewSuggested) {
    await condition(() => goesOn(state) || state.stopping)
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

const status = (state: ApplyState): ApplyStatus => {
  const lags = Object.values(state.lags)
  return {
    applied: state.applied,
    paused: state.paused,
    error: state.error,
    halted: state.halted,
    lag: {
      changes: lags.reduce((sum, lag) => sum + lag.changes, 0),
      seconds: Math.max(0, ...lags.map((lag) => lag.seconds)),
      dead: lags.reduce((sum, lag) => sum + lag.dead, 0),
      token: Math.max(0, ...lags.map((lag) => lag.token)),
    },
  }
}
