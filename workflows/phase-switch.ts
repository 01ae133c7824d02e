import {
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  condition,
  executeChild,
  isCancellation,
  upsertSearchAttributes,
} from '@temporalio/workflow'
import type { Phase, Project, VerifyMode } from '../model/project.ts'
import { isEnough, proofOf } from '../model/sample.ts'
import { issue } from './certificate.ts'
import { ATTRIBUTES, type SwitchAnswer } from './messages.ts'
import { remember } from './phase-verify.ts'
import { reloaded } from './reload-tables.ts'
import type { Run, SwitchWish } from './run.ts'
import { tablesIn, type ProjectState } from './project-state.ts'
import { switchOver } from './switch-over.ts'
import { openWayBack, wayBack } from './way-back.ts'
import { whyOf } from './why.ts'

/** Waits for the operator; everything can still be taken back. Refused attempts leave all as it was. */
export async function switching(run: Run, spec: Project): Promise<Phase> {
  const { state } = run
  if (state.rollbackUntil !== null) return wayBack(run, spec)
  for (;;) {
    await condition(() => run.wish !== null)
    const { wish } = run
    if (isToVerify(run)) return 'verify'
    if (await reloaded(run, spec)) return 'load'
    if (wish?.kind === 'switch' && (await granted(run, spec, wish))) return wayBack(run, spec)
  }
}

/** A verification, or a correction, which ends in one. */
function isToVerify({ state, wish }: Run): boolean {
  if (wish?.kind === 'correct') {
    state.toCorrect = wish.tables
    return true
  }
  if (wish?.kind !== 'verify') return false
  state.toVerify = wish.tables
  state.verifyMode = wish.mode
  return true
}

/** Answers a wish to switch over; whether it was done. */
async function granted(run: Run, spec: Project, wish: SwitchWish): Promise<boolean> {
  const { state } = run
  const { because, gates } = await attempt(run, spec, wish).catch(refusedBy)
  if (!wish.dryRun) {
    state.refused = because
    state.switched = because === null
  }
  if (state.switched && spec.switch.rollbackSeconds > 0) await openWayBack(run, spec)
  wish.answer = { switched: state.switched, because, gates }
  run.wish = null
  if (state.switched) upsertSearchAttributes([{ key: ATTRIBUTES.state, value: 'switched' }])
  return state.switched
}

/** What an attempt could not find out is a reason against it, not the end of the project. */
function refusedBy(error: unknown): Pick<SwitchAnswer, 'because' | 'gates'> {
  if (isCancellation(error)) throw error
  return { because: whyOf(error), gates: [] }
}

async function attempt(
  run: Run,
  spec: Project,
  { writersStopped, dryRun }: SwitchWish,
): Promise<Pick<SwitchAnswer, 'because' | 'gates'>> {
  const { project, state } = run
  const issuedAt = state.certificate === null ? 0 : Date.parse(state.certificate.issuedAt)
  const { because, gates, reports } = await executeChild(switchOver, {
    workflowId: `project/${project}/switch`,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    args: [
      {
        project,
        limits: spec.limits,
        mode: lastMode(spec),
        ...(spec.verify.sample === undefined ? {} : { sample: spec.verify.sample }),
        dryRun,
        round: ++state.round,
        tables: spec.tables.map((mapping) => ({
          mapping,
          schemaHash: state.tables[mapping.name]?.schemaHash ?? '',
          estimate: state.tables[mapping.name]?.estimate ?? 0,
          version: state.versions[mapping.name] ?? 0,
        })),
        state: {
          failed: tablesIn(state, 'failed'),
          unverified: tablesIn(state, 'waiting', 'loading', 'loaded', 'verifying'),
          partly: partlyVerified(state, spec),
          different: tablesIn(state, 'different'),
          maxLagSeconds: spec.switch.maxLagSeconds,
          certificateAgeSeconds: (Date.now() - issuedAt) / 1000,
          certificateMaxAgeSeconds: spec.switch.certificateMaxAgeSeconds,
          writersStopped,
        },
      },
    ],
    staticSummary: `switch ${project} over`,
    typedSearchAttributes: [{ key: ATTRIBUTES.project, value: project }],
  })
  for (const report of reports) remember(run, report)
  if (reports.length > 0) await issue(run, spec)
  return { because, gates }
}

/** Tables of which less was shown than the project asks for. */
const partlyVerified = (state: ProjectState, { switch: { proof = 'full' } }: Project): string[] => [
  ...(isEnough('sample', proof) ? [] : tablesIn(state, 'sampled')),
  ...(isEnough('count', proof) ? [] : tablesIn(state, 'counted')),
]

/** How a switchover compares itself: as the project does, unless that is less than it asks for. */
function lastMode({ verify: { mode }, switch: { proof = 'full' } }: Project): VerifyMode {
  if (isEnough(proofOf(mode), proof)) return mode
  return proof === 'full' ? 'auto' : proof
}
