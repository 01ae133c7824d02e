import {
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow'
import type { Gate, Phase, Project } from '../model/project.ts'
import { rollbackGates } from '../plan/rollback.ts'
import { maySwitch } from '../plan/switchover.ts'
import { onSignal } from './controls.ts'
import {
  ATTRIBUTES,
  applyId,
  resume,
  rollback,
  type RollBack,
  type RollbackAnswer,
} from './messages.ts'
import { note, sourcesOf, tablesIn } from './project-state.ts'
import { checks, control } from './proxies.ts'
import type { RollbackWish, Run } from './run.ts'
import { whyOf } from './why.ts'

/** Before a switchover is told: from then on the application writes to HBase, and nothing may be written over that. */
export async function openWayBack({ project, state }: Run, spec: Project): Promise<void> {
  await control().holdApply({ project })
  state.rollbackUntil = Date.now() + spec.switch.rollbackSeconds * 1000
}

/**
 * HBase is in use, and nothing is applied any more: what the application writes there must stay. The triggers stay
 * too, and the log keeps whatever is written to the sources, so that the switchover can be taken back until the
 * deadline, or until the project is released.
 */
export async function wayBack(run: Run, spec: Project): Promise<Phase> {
  const until = run.state.rollbackUntil ?? 0
  const isWished = (): boolean => run.wish?.kind === 'rollback'
  while (Date.now() < until && (await condition(isWished, until - Date.now())))
    if (await granted(run, spec)) return 'apply'
  return 'done'
}

/** Answers a wish to take the switchover back; whether it was done. */
async function granted(run: Run, spec: Project): Promise<boolean> {
  const { wish } = run
  if (wish?.kind !== 'rollback') return false
  const { because, gates } = await attempt(run, spec, wish).catch(refusedBy)
  const rolledBack = because === null && !wish.dryRun
  if (rolledBack) await takeBack(run)
  wish.answer = { rolledBack, because, gates }
  run.wish = null
  return rolledBack
}

/** Changes are applied again, those that were kept meanwhile first; no table counts as verified any more. */
async function takeBack({ project, state }: Run): Promise<void> {
  state.switched = false
  state.rollbackUntil = null
  for (const name of tablesIn(state, 'verified')) note(state, name, { state: 'loaded' })
  upsertSearchAttributes([{ key: ATTRIBUTES.state, value: state.paused ? 'paused' : 'running' }])
  if (!state.paused)
    await getExternalWorkflowHandle(applyId(project)).signal(resume.signal, undefined)
}

/** What could not be found out is a reason against it. */
function refusedBy(error: unknown): Pick<RollbackAnswer, 'because' | 'gates'> {
  if (isCancellation(error)) throw error
  return { because: whyOf(error), gates: [] }
}

async function attempt(
  { project }: Run,
  spec: Project,
  { writersStopped }: RollbackWish,
): Promise<{ because: string | null; gates: readonly Gate[] }> {
  const read = sourcesOf(spec).map(async (source) => ({
    lag: await checks(source, `lag of ${source}`).readLag({ project, source }),
    damage: await checks(source, `triggers of ${source}`).findDamage({ project, source }),
  }))
  const found = await Promise.all(read)
  const gates = rollbackGates({
    damage: found.find(({ damage }) => damage !== null)?.damage ?? null,
    changes: found.reduce((sum, { lag }) => sum + lag.changes, 0),
    writersStopped,
  })
  const verdict = maySwitch(gates)
  return { because: verdict.ready ? null : verdict.because, gates }
}

/** Registers the wish to take a switchover back. */
export function listenRollback(run: Run): void {
  const wish = ({ writersStopped, dryRun = false }: RollBack): RollbackWish => {
    const asked: RollbackWish = { kind: 'rollback', writersStopped, dryRun, answer: null }
    run.wish = asked
    return asked
  }
  const check = (how: RollBack): void => {
    if (typeof how.writersStopped !== 'boolean')
      throw new Error('Say whether {"writersStopped": true}')
    if (!run.state.switched) throw new Error(`${run.project} is not switched over`)
    if (run.wish !== null) throw new Error(`A ${run.wish.kind} is under way`)
  }
  setHandler(
    rollback.update,
    async (how: RollBack): Promise<RollbackAnswer> => {
      const asked = wish(how)
      await condition(() => asked.answer !== null || run.releasing)
      return (
        asked.answer ?? { rolledBack: false, because: 'the project is being released', gates: [] }
      )
    },
    { validator: check, description: rollback.description },
  )
  onSignal(rollback, wish, check)
}
