import { setTimeout as sleep } from 'node:timers/promises'
import { WorkflowNotFoundError } from '@temporalio/client'
import { SyncError } from '../model/errors.ts'
import { alive } from './beat.ts'
import type { ActivityContext } from './context.ts'
import type { SourceInput } from './prepare.ts'

const POLL_MS = 200
/** Longer than an activity of apply may need to hear of it. */
const PATIENCE_MS = 45_000

export const releaseActivities = (context: ActivityContext) => ({
  /** Ends the applier of a project and waits until it has ended; none running is fine. */
  async stopApply({ project }: { project: string }): Promise<void> {
    const handle = context.client.workflow.getHandle(`project/${project}/apply`)
    const until = performance.now() + PATIENCE_MS
    try {
      if ((await handle.describe()).status.name !== 'RUNNING') return
      await handle.signal('stop', undefined)
      while ((await handle.describe()).status.name === 'RUNNING') {
        if (performance.now() > until) await handle.terminate('its project is being released')
        await sleep(POLL_MS)
      }
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error
    }
  },

  /** Keeps the applier of a project from writing until it is resumed; when it returns, nothing is under way any more. */
  async holdApply({ project }: { project: string }): Promise<void> {
    const handle = context.client.workflow.getHandle(`project/${project}/apply`)
    await handle.signal('pause', { reason: 'switched over' })
    const busy = async (): Promise<boolean> =>
      ((await handle.describe()).raw.pendingActivities ?? []).length > 0
    while (!(await handle.query<{ paused: boolean }>('status')).paused || (await busy()))
      await sleep(POLL_MS)
  },

  /** Takes everything of a project out of a source and proves it; throws NOT_CLEAN naming what is left. */
  async removeCapture({ project, source }: SourceInput): Promise<void> {
    const capture = (await context.source(source)).capture(project)
    const left = await alive(() => capture.remove())
    if (left.length > 0) throw new SyncError('NOT_CLEAN', `${source}: ${left.join(', ')}`)
  },
})
