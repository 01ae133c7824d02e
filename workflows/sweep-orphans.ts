import { executeChild, isCancellation } from '@temporalio/workflow'
import type { Orphan } from '../model/project.ts'
import type { SweepOrphans, Swept } from './messages.ts'
import { control, greeting } from './proxies.ts'
import { releaseProject } from './release-project.ts'
import { whyOf } from './why.ts'

const MINUTES = 60

/** Finds what terminated projects have left in the sources, and takes it out. For a schedule, or a person. */
export async function sweepOrphans(input: SweepOrphans = {}): Promise<Swept> {
  const { release = false, also = [], minutes = MINUTES } = input
  const found: Orphan[] = []
  const unseen: Record<string, string> = {}
  for (const source of await control().listSources()) {
    try {
      found.push(...(await greeting(source).findOrphans({ source, minutes })))
    } catch (error) {
      if (isCancellation(error)) throw error
      unseen[source] = whyOf(error)
    }
  }
  const ours = found.filter(({ project, ended }) => ended !== null || also.includes(project))
  if (release)
    for (const project of new Set(ours.map((orphan) => orphan.project)))
      await executeChild(releaseProject, {
        workflowId: `project/${project}/release`,
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        args: [{ project, tables: ours.filter((orphan) => orphan.project === project) }],
        staticSummary: `release ${project}`,
      })
  return {
    orphans: found.map((orphan) => ({ ...orphan, released: release && ours.includes(orphan) })),
    unseen,
  }
}
