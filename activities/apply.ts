import { setTimeout as sleep } from 'node:timers/promises'
import { activityInfo } from '@temporalio/activity'
import type { Damage, Lag } from '../model/change.ts'
import { SyncError } from '../model/errors.ts'
import type { Mapping } from '../model/mapping.ts'
import { applyBatch, type BatchApplied } from './apply-batch.ts'
import { alive, beating, type Holdup } from './beat.ts'
import type { ActivityContext } from './context.ts'
import { LogBound } from './log-bound.ts'
import { Rest } from './rest.ts'
import { isAboutTable, routeTo, type Route } from './route.ts'
import { Stations } from './stations.ts'

export interface ApplyBatches {
  readonly project: string
  readonly source: string
  readonly tables: readonly { readonly mapping: Mapping; readonly schemaHash: string }[]
  /** Tables, as the source names them, whose changes stay in the log. */
  readonly except: readonly string[]
  readonly seconds: number
  /** More log rows than this are told at once. */
  readonly logRows: number
}

export interface Applied {
  readonly applied: number
  readonly lag: Lag
  /** By their names in the source: tables it had to leave out, and why. */
  readonly halted: Readonly<Record<string, string>>
}

/** What a writer holds is left alone for so long. */
const HELD_MS = 100
const DAMAGE_EVERY_MS = 10_000
const FEWEST = 1000
const MOST = 20_000

export const applyActivities = (context: ActivityContext) => ({
  /**
   * Applies batch after batch for so many seconds; waits for changes when there are none. Ends early to say that a
   * table was changed, or that its changes are not logged: such a table is left out, the others go on.
   */
  async applyBatches(input: ApplyBatches): Promise<Applied> {
    const { project, source } = input
    const capture = (await context.source(source)).capture(project)
    const { routes, halted } = await alive(() => routesOf(context, input))
    const except = new Set(input.except)
    const { workflowExecution, activityId, attempt } = activityInfo()
    const owner = `${workflowExecution?.runId ?? ''}/${activityId}/${attempt}`.slice(0, 128)
    const until = performance.now() + input.seconds * 1000
    const rest = new Rest()
    let limit = FEWEST
    let guarded = -Infinity
    let newest: bigint | null = null
    const bound = new LogBound(capture, await alive(() => capture.lag()))
    let applied = 0
    const told = alarm(context, input)
    const unwatch = bound.watch(async () => {
      context.meter.lag(source, bound.lag, input.logRows)
      await told(bound.lag)
    })
    const state = () => ({ source, applied, lag: bound.lag })

    const stations = new Stations((station, seconds) => {
      context.meter.station('apply', source, station, seconds)
    })
    const holdup = (): Holdup => {
      stations.flush()
      const held = input.tables.map(({ mapping }) => context.pushback(mapping.target))
      return { pushback: held.find(Boolean) ?? null }
    }
    const end = (): void => stations.flush()

    const drain = async (signal: AbortSignal): Promise<Applied> => {
      while (performance.now() < until && halted.size === 0) {
        signal.throwIfAborted()
        if (performance.now() - guarded > DAMAGE_EVERY_MS) {
          for (const [table, why] of lostIn(await capture.damage()))
            if (!except.has(table)) halted.set(table, why)
          guarded = performance.now()
          continue
        }
        if ((await capture.read(1, except)).length === 0) {
          await sleep(rest.next(), undefined, { signal })
          continue
        }
        rest.end()
        const began = performance.now()
        const { reached } = context
        const batch = await bound.around(() =>
          applyBatch({ capture, routes, except, limit, owner, stations, signal, reached }),
        )
        stations.at(null)
        for (const [table, error] of batch.halted) halted.set(table, sentence(error))
        applied += batch.changes
        context.meter.rows('apply', source, batch.changes)
        limit = nextLimit(limit, batch, performance.now() - began)
        // A writer holds what is left: it would be written over and over until that transaction ends
        if (batch.newest === newest) await sleep(HELD_MS, undefined, { signal })
        newest = batch.newest
      }
      await bound.look()
      return { ...state(), halted: Object.fromEntries(halted) }
    }
    return beating(state, drain, { holdup, end }).finally(unwatch)
  },
})

/** Tells the workflow once that the log is too long; its own answer may be hours away. */
function alarm(
  { client }: ActivityContext,
  { source, logRows }: ApplyBatches,
): (lag: Lag) => Promise<void> {
  const { workflowExecution } = activityInfo()
  let told = false
  return async (lag) => {
    if (told || workflowExecution === undefined || lag.changes <= logRows) return
    const { workflowId, runId } = workflowExecution
    await client.workflow.getHandle(workflowId, runId).signal('logAlarm', { source, lag })
    told = true
  }
}

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
