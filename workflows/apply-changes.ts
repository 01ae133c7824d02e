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
import type { Mapping } from '../model/mapping.ts'
import type { ApplyStatus } from '../model/project.ts'
import { onControl } from './controls.ts'
import { ATTRIBUTES, applyStatus, pause, resume, stop } from './messages.ts'
import { data } from './proxies.ts'
import { whyOf } from './why.ts'

export interface ApplyChanges {
  readonly project: string
  readonly tables: readonly AppliedTable[]
  readonly state?: ApplyState
}

export interface AppliedTable {
  readonly mapping: Mapping
  readonly schemaHash: string
}

interface ApplyState {
  applied: number
  paused: boolean
  stopping: boolean
  /** Why apply stands still until somebody resumes it. */
  error: string | null
  /** What waits in each source's log, as last seen. */
  lags: Record<string, Lag>
}

/** One activity drains this long; its heartbeats tell the lag meanwhile. */
const SECONDS = 20

/** Keeps the targets in step until it is told to stop: for each source one bounded activity after another. */
export async function applyChanges(input: ApplyChanges): Promise<{ applied: number }> {
  const { project, tables } = input
  const sources = [...new Set(tables.map(({ mapping }) => mapping.source))]
  const state: ApplyState = input.state ?? {
    applied: 0,
    paused: false,
    stopping: false,
    error: null,
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
    return 'resumed'
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

  const follow = async (source: string): Promise<void> => {
    const own = tables.filter(({ mapping }) => mapping.source === source)
    while (goesOn(state) && !workflowInfo().continueAsNewSuggested) {
      const drained = await data(source, `apply ${source}`).applyBatches({
        project,
        source,
        tables: own,
        seconds: SECONDS,
      })
      state.applied += drained.applied
      state.lags[source] = drained.lag
      notice(status(state).lag.seconds)
      setCurrentDetails(`${state.applied} changes applied, lag ${status(state).lag.seconds} s`)
    }
  }

  while (!state.stopping && !workflowInfo().continueAsNewSuggested) {
    await condition(() => goesOn(state) || state.stopping)
    scope = new CancellationScope()
    const ended = await scope.run(() => Promise.allSettled(sources.map(follow)))
    const failed = ended.find((one) => one.status === 'rejected' && !isCancellation(one.reason))
    // what apply cannot mend by trying again waits for a person; the log keeps every change meanwhile
    if (failed?.status === 'rejected') state.error = whyOf(failed.reason)
    const here = CancellationScope.current()
    if (here.consideredCancelled) await here.cancelRequested // rejects: the workflow ends as cancelled
  }
  await condition(allHandlersFinished)
  if (!state.stopping) return continueAsNew<typeof applyChanges>({ ...input, state })
  return { applied: state.applied }
}

const goesOn = (state: ApplyState): boolean =>
  !state.stopping && !state.paused && state.error === null

const status = (state: ApplyState): ApplyStatus => {
  const lags = Object.values(state.lags)
  return {
    applied: state.applied,
    paused: state.paused,
    error: state.error,
    lag: {
      changes: lags.reduce((sum, lag) => sum + lag.changes, 0),
      seconds: Math.max(0, ...lags.map((lag) => lag.seconds)),
      dead: lags.reduce((sum, lag) => sum + lag.dead, 0),
      token: Math.max(0, ...lags.map((lag) => lag.token)),
    },
  }
}
