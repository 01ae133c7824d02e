import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import type { Orphan } from '../model/project.ts'
import { alive } from './beat.ts'
import type { ActivityContext } from './context.ts'

export interface FindOrphans {
  readonly source: string
  /** A project that ended less long ago may still be giving back what it took. */
  readonly minutes: number
}

const MS_PER_MINUTE = 60_000

export const sweepActivities = (context: ActivityContext) => ({
  /** Every source of this worker's connections file. */
  listSources: (): Promise<readonly string[]> => Promise.resolve(context.sources),

  /** Projects whose triggers and log are in a source although no workflow of this namespace works for them. */
  async findOrphans({ source: name, minutes }: FindOrphans): Promise<readonly Orphan[]> {
    const source = await context.source(name)
    return alive(async () => {
      const before = Date.now() - minutes * MS_PER_MINUTE
      const orphans: Orphan[] = []
      for (const project of await source.captured()) {
        const known = await standing(context.client, project)
        if (known === 'running' || (known !== null && known.endedAt > before)) continue
        orphans.push({ project, source: name, ended: known?.how ?? null })
      }
      return orphans
    })
  },
})

/** How its workflow ended; null when this namespace has never heard of it, or has forgotten it. */
async function standing(
  client: Client,
  project: string,
): Promise<'running' | { readonly how: string; readonly endedAt: number } | null> {
  const [own, release] = await Promise.all(
    [`project/${project}`, `project/${project}/release`].map(async (id) => {
      try {
        return await client.workflow.getHandle(id).describe()
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null
        throw error
      }
    }),
  )
  if ([own, release].some((one) => one?.status.name === 'RUNNING')) return 'running'
  if (!own) return null
  return { how: own.status.name.toLowerCase(), endedAt: own.closeTime?.getTime() ?? 0 }
}
