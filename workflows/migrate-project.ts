import {
  CancellationScope,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  allHandlersFinished,
  condition,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import {
  PHASES,
  VERIFY_MODES,
  type Phase,
  type Project,
  type ProjectResult,
} from '../model/project.ts'
import { isUndecided } from '../plan/counts.ts'
import { onControl, onSignal } from './controls.ts'
import {
  ATTRIBUTES,
  applyId,
  correct,
  pause,
  projectStatus,
  release,
  reload,
  resume,
  switchOverNow,
  verify,
  type MigrateProject,
  type SwitchAnswer,
  type SwitchOver,
} from './messages.ts'
import { PHASE_WORK } from './phases.ts'
import type { Run, SwitchWish } from './run.ts'
import { newState, statusOf, tablesIn, type ProjectState } from './project-state.ts'
import { control } from './proxies.ts'
import { questions } from './question.ts'
import { releaseProject } from './release-project.ts'
import { throttled, throttleOf } from './throttling.ts'
import { listenRollback } from './way-back.ts'

export interface MigrateProjectRun extends MigrateProject {
  readonly state?: ProjectState
}

/** One migration, source to target: one phase per run, continue-as-new between phases. */
export async function migrateProject(input: MigrateProjectRun): Promise<ProjectResult> {
  const { project } = input
  // what an earlier version of this workflow did not remember yet is as in a new project
  const state = { ...newState(Date.now()), ...input.state }
  const scope = new CancellationScope()
  const run: Run = {
    project,
    state,
    ask: questions(state),
    limits: null,
    children: new Set(),
    wish: null,
    releasing: false,
  }
  listen(run, scope)

  upsertSearchAttributes([
    { key: ATTRIBUTES.project, value: project },
    { key: ATTRIBUTES.phase, value: state.phase },
    { key: ATTRIBUTES.state, value: state.paused ? 'paused' : 'running' },
  ])
  setCurrentDetails(`**${project}**: ${state.phase}`)
  let spec: Project | undefined = input.spec
  let next: Phase = 'done'
  try {
    const loaded = spec ?? (await scope.run(() => control().loadProject({ project })))
    spec = loaded
    run.limits = loaded.limits
    next = await scope.run(() => PHASE_WORK[state.phase](run, loaded))
    // after a switchover only the cleanup is left, which nobody has a reason to hold up
    await condition(() => !state.paused || run.releasing || next === 'done')
  } catch (error) {
    if (!(run.releasing && isCancellation(error))) await fail(run, spec, error)
  }
  // outside of the try: continuing as new is an exception too
  if (spec !== undefined && goesOn(run, next, input.to)) {
    state.phase = next
    await condition(allHandlersFinished)
    return continued({ ...input, spec, state })
  }
  await CancellationScope.nonCancellable(() => giveBack(run, spec))
  state.phase = 'done'
  upsertSearchAttributes([
    { key: ATTRIBUTES.phase, value: 'done' },
    { key: ATTRIBUTES.state, value: state.switched ? 'switched' : 'done' },
  ])
  await condition(allHandlersFinished)
  return { project, switched: state.switched, certificate: state.certificate }
}

const goesOn = ({ releasing }: Run, next: Phase, to: Phase = 'switch'): boolean =>
  !releasing && next !== 'done' && PHASES.indexOf(next) <= PHASES.indexOf(to)

async function fail(run: Run, spec: Project | undefined, error: unknown): Promise<never> {
  await CancellationScope.nonCancellable(() => giveBack(run, spec))
  upsertSearchAttributes([
    { key: ATTRIBUTES.state, value: isCancellation(error) ? 'cancelled' : 'failed' },
  ])
  throw error
}

// Search attributes travel by themselves; the memo does so only as it was at the start.
const continued = (input: MigrateProjectRun): Promise<never> =>
  makeContinueAsNewFunc<typeof migrateProject>({
    memo: { ...workflowInfo().memo, phase: input.state?.phase },
  })(input)

/** Registers every message, before the first await. */
function listen(run: Run, scope: CancellationScope): void {
  const { project, state } = run
  setHandler(projectStatus, () => statusOf(project, state, throttleOf(run)), {
    description: 'Phase, tables, the open question and the certificate',
  })
  onControl(pause, (how) => {
    state.paused = true
    upsertSearchAttributes([{ key: ATTRIBUTES.state, value: 'paused' }])
    relay(run, (id) => getExternalWorkflowHandle(id).signal(pause.signal, how))
    return 'pausing'
  })
  onControl(resume, () => {
    state.paused = false
    upsertSearchAttributes([{ key: ATTRIBUTES.state, value: 'running' }])
    relay(run, (id) => getExternalWorkflowHandle(id).signal(resume.signal, undefined))
    return 'resumed'
  })
  onControl(release, () => {
    run.releasing = true
    scope.cancel()
    return 'releasing'
  })
  onControl(
    verify,
    (what) => {
      run.wish = { kind: 'verify', tables: what?.tables ?? null, mode: what?.mode ?? null }
      return 'verifying'
    },
    (what) => {
      expectPhase(run, 'switch')
      expectTables(run, what?.tables ?? [])
      if (what?.mode !== undefined && !VERIFY_MODES.includes(what.mode))
        throw new Error(`The modes are ${VERIFY_MODES.join(', ')}`)
    },
  )
  onControl(
    correct,
    (what) => {
      run.wish = { kind: 'correct', tables: differingOf(run, what?.tables) }
      return 'correcting'
    },
    (what) => {
      expectPhase(run, 'switch')
      expectTables(run, what?.tables ?? [])
      if (run.wish !== null) throw new Error(`A ${run.wish.kind} is under way`)
      const names = differingOf(run, what?.tables)
      if (names.length === 0) throw new Error('Nothing is known to differ')
      if (names.every((name) => isUndecided(run.state.reports[name])))
        throw new Error(
          `Nothing is known to differ; rows of ${names.join(', ')} changed during every look, so verify again`,
        )
    },
  )
  onControl(
    reload,
    ({ tables }) => {
      run.wish = { kind: 'reload', tables }
      return 'reloading'
    },
    (what) => {
      expectPhase(run, 'apply', 'switch')
      if (!Array.isArray(what.tables) || what.tables.length === 0)
        throw new Error('Say which: {"tables":["goods"]}')
      expectTables(run, what.tables)
      if (run.wish !== null) throw new Error(`A ${run.wish.kind} is under way`)
    },
  )
  throttled(run)
  listenSwitch(run)
  listenRollback(run)
}

const differingOf = ({ state }: Run, wanted?: readonly string[]): string[] =>
  tablesIn(state, 'different').filter((name) => wanted?.includes(name) ?? true)

function expectPhase({ project, state }: Run, ...phases: readonly Phase[]): void {
  if (state.switched)
    throw new Error(`${project} is switched over; longhaul rollback ${project} takes it back`)
  if (!phases.includes(state.phase))
    throw new Error(`The project is in ${state.phase}, not waiting`)
}

function expectTables({ state }: Run, names: readonly string[]): void {
  const unknown = names.filter((name) => !(name in state.tables))
  if (unknown.length > 0) throw new Error(`No such table: ${unknown.join(', ')}`)
}

function listenSwitch(run: Run): void {
  const wish = ({ writersStopped, dryRun = false }: SwitchOver): SwitchWish => {
    const asked: SwitchWish = { kind: 'switch', writersStopped, dryRun, answer: null }
    run.wish = asked
    return asked
  }
  const check = (how: SwitchOver): void => {
    if (typeof how.writersStopped !== 'boolean')
      throw new Error('Say whether {"writersStopped": true}')
    if (run.state.switched) throw new Error(`${run.project} is switched over`)
    if (run.state.phase !== 'switch')
      throw new Error(`The project is in ${run.state.phase}, nothing to switch over yet`)
    if (run.wish !== null) throw new Error(`A ${run.wish.kind} is under way`)
  }
  setHandler(
    switchOverNow.update,
    async (how: SwitchOver): Promise<SwitchAnswer> => {
      const asked = wish(how)
      await condition(() => asked.answer !== null || run.releasing)
      return (
        asked.answer ?? { switched: false, because: 'the project is being released', gates: [] }
      )
    },
    { validator: check, description: switchOverNow.description },
  )
  onSignal(switchOverNow, wish, check)
}

function relay(run: Run, send: (workflowId: string) => Promise<void>): void {
  // after a switchover nothing is applied, whatever is paused and resumed
  const applies = run.state.applying && !run.state.switched
  const ids = [...run.children, ...(applies ? [applyId(run.project)] : [])]
  void Promise.allSettled(ids.map(send)) // a child that has just ended cannot be told, nor need it be
}

/** Takes our objects out of the sources; runs also when the project failed or was cancelled. */
async function giveBack({ project, state }: Run, spec: Project | undefined): Promise<void> {
  if (!state.captured || spec === undefined) return
  await executeChild(releaseProject, {
    workflowId: `project/${project}/release`,
    parentClosePolicy: ParentClosePolicy.ABANDON,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    args: [{ project, tables: spec.tables }],
    staticSummary: `release ${project}`,
    typedSearchAttributes: [{ key: ATTRIBUTES.project, value: project }],
  })
  state.captured = false
  state.applying = false
}
