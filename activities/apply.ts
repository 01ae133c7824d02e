import { setTimeout as sleep } from 'node:timers/promises'
import { activityInfo } from '@temporalio/activity'
import type { Lag } from '../model/change.ts'
import { SyncError } from '../model/errors.ts'
import type { Mapping } from '../model/mapping.ts'
import type { Capture } from '../sources/source.ts'
import { applyBatch, type BatchApplied } from './apply-batch.ts'
import { beating } from './beat.ts'
import type { ActivityContext } from './context.ts'
import { routeTo, type Route } from './route.ts'

export interface ApplyBatches {
  readonly project: string
  readonly source: string
  readonly tables: readonly { readonly mapping: Mapping; readonly schemaHash: string }[]
  readonly seconds: number
}

export interface Applied {
  readonly applied: number
  readonly lag: Lag
}

const POLL_MS = 100
const LAG_EVERY_MS = 1000
const DAMAGE_EVERY_MS = 10_000
const FEWEST = 1000
const MOST = 20_000
/** While the target is away the log is folded, from this size on: it must not outgrow the tables. */
const COMPACT_ABOVE = 50_000

export const applyActivities = (context: ActivityContext) => ({
  /** Applies batch after batch for so many seconds; waits for changes when there are none. */
  async applyBatches(input: ApplyBatches): Promise<Applied> {
    const { project, source } = input
    const capture = (await context.source(source)).capture(project)
    const routes = await routesOf(context, input)
    const { workflowExecution, activityId, attempt } = activityInfo()
    const owner = `${workflowExecution?.runId ?? ''}/${activityId}/${attempt}`.slice(0, 128)
    const until = performance.now() + input.seconds * 1000
    let limit = FEWEST
    let guarded = -Infinity
    let newest: bigint | null = null
    const state: { applied: number; lag: Lag } = { applied: 0, lag: await capture.lag() }

    const look = async (): Promise<void> => {
      state.lag = await capture.lag()
      context.meter.lag(source, state.lag.seconds, state.lag.changes)
    }
    // beside the batches: a lag that grows because one of them hangs must be seen
    const looking = setInterval(() => void look().catch(() => undefined), LAG_EVERY_MS)

    return beating(
      () => state,
      async (signal) => {
        while (performance.now() < until) {
          signal.throwIfAborted()
          if (performance.now() - guarded > DAMAGE_EVERY_MS) {
            await refuseDamage(capture, project)
            guarded = performance.now()
          }
          if ((await capture.read(1)).length === 0) {
            await sleep(POLL_MS, undefined, { signal })
            continue
          }
          const began = performance.now()
          const batch = await compacting(capture, state.lag, () =>
            applyBatch({ capture, routes, limit, owner, signal, reached: context.reached }),
          )
          state.applied += batch.changes
          context.meter.rows('apply', source, batch.changes)
          limit = nextLimit(limit, batch, performance.now() - began)
          // A writer holds what is left: it would be written over and over until that transaction ends
          if (batch.newest === newest) await sleep(POLL_MS, undefined, { signal })
          newest = batch.newest
        }
        await look()
        return state
      },
    ).finally(() => clearInterval(looking))
  },
})

/** Changes that no trigger sees are lost: nothing may go on as if it were in step. */
async function refuseDamage(capture: Capture, project: string): Promise<void> {
  const damaged = await capture.damage()
  if (damaged.length === 0) return
  throw new SyncError(
    'CAPTURE_LOST',
    `${damaged.join(', ')}. Release the project ${project} and start it again`,
  )
}

/** Batches of one to three seconds. */
function nextLimit(limit: number, batch: BatchApplied, ms: number): number {
  if (ms > 3000) return Math.max(FEWEST, Math.floor(limit / 2))
  if (ms < 1000 && batch.changes >= limit) return Math.min(MOST, limit * 2)
  return limit
}

/** When the target cannot be reached, the log is folded before the error goes on its way. */
async function compacting<Result>(
  capture: Capture,
  lag: Lag,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const away = error instanceof SyncError && error.code === 'SINK_UNREACHABLE'
    if (away && lag.changes > COMPACT_ABOVE)
      await capture.compact(await capture.token('compactor'), COMPACT_ABOVE)
    throw error
  }
}

async function routesOf(
  context: ActivityContext,
  { project, tables }: ApplyBatches,
): Promise<Map<string, Route[]>> {
  const routes = new Map<string, Route[]>()
  for (const { mapping, schemaHash } of tables) {
    const route = await routeTo(context, { project, mapping, schemaHash })
    routes.set(mapping.anchor, [...(routes.get(mapping.anchor) ?? []), route])
  }
  return routes
}
