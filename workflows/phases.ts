import { ApplicationFailure, condition, workflowInfo } from '@temporalio/workflow'
import type { Phase, Project } from '../model/project.ts'
import { load } from './phase-load.ts'
import { structure } from './phase-structure.ts'
import { reloaded } from './reload-tables.ts'
import { switching } from './phase-switch.ts'
import { verifying } from './phase-verify.ts'
import { sourcesOf } from './project-state.ts'
import { looks } from './proxies.ts'
import type { Run } from './run.ts'

/** Each phase returns the next one. */
export const PHASE_WORK: Record<Phase, (run: Run, spec: Project) => Promise<Phase>> = {
  structure,
  load,
  apply: catchUp,
  verify: verifying,
  switch: switching,
  done: () => Promise.reject(ApplicationFailure.nonRetryable('The project is done', 'STOPPED')),
}

/** How long to wait before the next look at a log that is still long: one second, then ever longer. */
const LOOKS = [1, 1, 2, 2, 5, 5, 10]

/** Until the lag is below the switchover's limit; apply itself has been running since the structure was there. */
async function catchUp(run: Run, spec: Project): Promise<Phase> {
  const { project } = run
  for (let look = 0; !workflowInfo().continueAsNewSuggested; look++) {
    if (await reloaded(run, spec)) return 'load'
    const lags = await Promise.all(
      sourcesOf(spec).map((source) =>
        looks(source, `lag of ${source}`).readLag({ project, source }),
      ),
    )
    if (lags.every((lag) => lag.seconds <= spec.switch.maxLagSeconds)) return 'verify'
    await condition(() => run.wish !== null, (LOOKS[look] ?? 15) * 1000)
  }
  return 'apply'
}
