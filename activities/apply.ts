import { setTimeout as sleep } from 'node:timers/promises'
import { activityInfo } from '@temporalio/activity'
import type { Damage, Lag } from '../model/change.ts'
import { SyncError } from '../model/errors.ts'
import type { Mapping } from '../model/mapping.ts'
import type { Capture } from '../sources/source.ts'
import { applyBatch, type BatchApplied } from './apply-batch.ts'
import { beating } from './beat.ts'
import type { ActivityContext } from './context.ts'
import { isAboutTable, routeTo, type Route } from './route.ts'

export interface ApplyBatches {
  readonly project: string
  readonly source: string
  readonly tables: readonly { readonly mapping: Mapping; readonly schemaHash: string }[]
  /** Tables, as the source names them, whose changes stay in the log. */
  readonly except: readonly string[]
  readonly seconds: number
}

export interface Applied {
  readonly applied: number
  readonly lag: Lag
  /** By their names in the source: tables it had to leave out, and why. */
  readonly halted: Readonly<Record<string, string>>
}

const POLL_MS = 100
const LAG_EVERY_MS = 1000
const DAMAGE_EVERY_MS = 10_000
const FEWEST = 1000
const MOST = 20_000
/** While the target is away the log is folded, from this size on: it must not outgrow the tables. */
const COMPACT_ABOVE = 50_000

export const applyActivities = (context: ActivityContext) => ({
  /**
   * Applies batch after batch for so many seconds; waits for changes when there are none. Ends early to say that a
   * table was changed, or that its changes are not logged: such a table is left out, the others go on.
   */
  async applyBatches(input: ApplyBatches): Promise<Applied> {
    const { project, source } = input
    const capture = (await context.source(source)).capture(project)
    const { routes, halted } = await routesOf(context, input)
    const except = new Set(input.except)
    const { workflowExecution, activityId, attempt } = activityInfo()
    const owner = `${workflowExecution?.runId ?? ''}/${activityId}/${attempt}`.slice(0, 128)
    const until = performance.now() + input.seconds * 1000
    let limit = FEWEST
    let guarded = -Infinity
    let newest: bigint | null = null
    const state = { applied: 0, lag: await capture.lag() }

    const look = async (): Promise<void> => {
      state.lag = await capture.lag()
      context.meter.lag(source, state.lag.seconds, state.lag.changes)
    }
    // beside the batches: a lag that grows because one of them hangs must be seen
    const looking = setInterval(() => void look().catch(() => undefined), LAG_EVERY_MS)

    return beating(
      () => state,
      async (signal) => {
        while (performance.now() < until && halted.size === 0) {
          signal.throwIfAborted()
          if (performance.now() - guarded > DAMAGE_EVERY_MS) {
            for (const [table, why] of lostIn(await capture.damage()))
              if (!except.has(table)) halted.set(table, why)
            guarded = performance.now()
            continue
          }
          if ((await capture.read(1, except)).length === 0) {
            await sleep(POLL_MS, undefined, { signal })
            continue
          }
          const began = performance.now()
          const batch = await compacting(capture, state.lag, () =>
            applyBatch({ capture, routes, except, limit, owner, signal, reached: context.reached }),
          )
          for (const [table, error] of batch.halted) halted.set(table, sentence(error))
          state.applied += batch.changes
          context.meter.rows('apply', source, batch.changes)
          limit = nextLimit(limit, batch, performance.now() - began)
          // A writer holds what is left: it would be written over and over until that transaction ends
          if (batch.newest === newest) await sleep(POLL_MS, undefined, { signal })
          newest = batch.newest
        }
        await look()
        return { ...state, halted: Object.fromEntries(halted) }
      },
    ).finally(() => clearInterval(looking))
  },
})

/** Changes that no trigger sees are lost: nothing may go on as if it were in step. Throws CAPTURE_LOST when it is all of it. */
function lostIn(damaged: readonly Damage[]): ReadonlyMap<string, string> {
  const all = damaged.find(({ table }) => table === null)
  if (all !== undefined) throw lost([all])
  const tables = new Map<string, string>()
  for (const { table } of damaged)
    tables.set(table ?? '', sentence(lost(damaged.filter((one) => one.table === table))))
  return tables
}

const lost = (damaged: readonly Damage[]): SyncError =>
  new SyncError('CAPTURE_LOST', damaged.map(({ what }) => what).join(', '))

const sentence = (error: SyncError): string => `${error.code}: ${error.message}`

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

interface Routes {
  readonly routes: ReadonlyMap<string, readonly Route[]>
  /** Why some tables have none. */
  readonly halted: Map<string, string>
}

async function routesOf(
  context: ActivityContext,
  { project, tables, except }: ApplyBatches,
): Promise<Routes> {
  const routes = new Map<string, Route[]>()
  const halted = new Map<string, string>()
  for (const { mapping, schemaHash } of tables) {
    const { anchor } = mapping
    if (except.includes(anchor)) continue
    try {
      const route = await routeTo(context, { project, mapping, schemaHash })
      routes.set(anchor, [...(routes.get(anchor) ?? []), route])
    } catch (error) {
      if (!isAboutTable(error)) throw error
      halted.set(anchor, sentence(error))
    }
  }
  return { routes, halted }
}
