import type { Lag } from '../model/change.ts'
import { SyncError } from '../model/errors.ts'
import { alive } from './beat.ts'
import type { ActivityContext } from './context.ts'
import { LogBound } from './log-bound.ts'
import type { SourceInput, TablesInput } from './prepare.ts'
import { routeTo } from './route.ts'

interface TendLog extends SourceInput {
  /** More log rows than this raise an alarm. Left out by earlier releases. */
  readonly logRows?: number
}

export const switchActivities = (context: ActivityContext) => ({
  /** What waits in the log of one project. */
  async readLag({ project, source }: SourceInput): Promise<Lag> {
    return (await context.source(source)).capture(project).lag()
  },

  /** What waits in the log of a project that applies nothing; a long log is folded. */
  async tendLog({ project, source, logRows = Infinity }: TendLog): Promise<Lag> {
    const capture = (await context.source(source)).capture(project)
    const bound = new LogBound(capture, await capture.lag())
    if (bound.isLong) await alive(() => bound.fold())
    context.meter.lag(source, bound.lag, logRows)
    return bound.lag
  },

  /** Null, or a sentence naming the triggers that are missing or altered and the tables that were truncated: then an empty log proves nothing. */
  async findDamage({ project, source }: SourceInput): Promise<string | null> {
    const damaged = await (await context.source(source)).capture(project).damage()
    if (damaged.length === 0) return null
    const names = damaged.map(({ what }) => what).join(', ')
    const all = damaged.some(({ table }) => table === null)
    const advice = all ? 'release the project and start it again' : 'reload these tables'
    return `changes may have gone by unlogged: ${names}; ${advice}`
  },

  /** Waits for open transactions on the tables to end. Null, or a sentence naming the table one is still open on. */
  async raiseBarrier({ project, source: name, tables }: TablesInput): Promise<string | null> {
    const source = await context.source(name)
    const schemas = await Promise.all(
      tables.map(async ({ mapping, schemaHash }) => {
        const { table } = await routeTo(context, { project, mapping, schemaHash })
        return table
      }),
    )
    try {
      await alive(() => source.capture(project).barrier(schemas))
      return null
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== 'LOCK_TIMEOUT') throw error
      return `writers are still active: ${error.detail}`
    }
  },
})
