import { ApplicationFailure, condition } from '@temporalio/workflow'
import type { Phase, Project } from '../model/project.ts'
import type { SwitchAnswer } from './messages.ts'
import { load } from './phase-load.ts'
import { structure } from './phase-structure.ts'
import { switching } from './phase-switch.ts'
import { verifying } from './phase-verify.ts'
import type { ProjectState } from './project-state.ts'
import { checks } from './proxies.ts'
import type { Ask } from './question.ts'

/** What the phases of one run share. */
export interface Run {
  readonly project: string
  readonly state: ProjectState
  readonly ask: Ask
  /** Ids of children that a pause must reach. */
  readonly children: Set<string>
  wish: Wish | null
  releasing: boolean
}

/** What an operator asked of a project that waits for its switchover. */
export type Wish =
  | { readonly kind: 'verify'; readonly tables: readonly string[] | null }
  | { readonly kind: 'switch'; readonly writersStopped: boolean; answer: SwitchAnswer | null }

/** Each phase returns the next one. */
export const PHASE_WORK: Record<Phase, (run: Run, spec: Project) => Promise<Phase>> = {
  structure,
  load,
  apply: catchUp,
  verify: verifying,
  switch: switching,
  done: () => Promise.reject(ApplicationFailure.nonRetryable('The project is done', 'STOPPED')),
}

/** Until the log was empty once; apply itself has been running since the structure was there. */
async function catchUp({ project, state }: Run, spec: Project): Promise<Phase> {
  await condition(() => state.caughtUp)
  // A caught-up signal may be older than the load: look again, once.
  const sources = new Set(spec.tables.map((table) => table.source))
  for (const source of sources) await checks(source).readLag({ project, source })
  return 'verify'
}
