import {
  ApplicationFailure,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  executeChild,
  isCancellation,
} from '@temporalio/workflow'
import type { Mapping } from '../model/mapping.ts'
import type { Phase, Project, VerifyReport } from '../model/project.ts'
import { isClean } from '../plan/counts.ts'
import { proofOf } from '../model/sample.ts'
import { issue } from './certificate.ts'
import { correctTable } from './correct-table.ts'
import { ATTRIBUTES, verifyId } from './messages.ts'
import type { Run } from './run.ts'
import { loadedTables, note, sourcesOf, tablesIn } from './project-state.ts'
import { data } from './proxies.ts'
import { verifyTable } from './verify-table.ts'
import { whyOf } from './why.ts'

/** A correction is verified; one that does not hold after this many is a matter for a person. */
const MOST_CORRECTIONS = 3

/** Compares every cell in both directions; what differs is corrected through the log and compared again, until it holds. */
export async function verifying(run: Run, spec: Project): Promise<Phase> {
  const { state } = run
  const wanted = state.toVerify
  for (const source of sourcesOf(spec))
    await data(source, `retry dead letters of ${source}`).retryDead({
      project: run.project,
      source,
    })
  let tables = loadedTables(state, spec).filter(({ name }) => wanted?.includes(name) ?? true)
  for (const { name } of tables) {
    state.found[name] = 0
    state.corrected[name] = 0
  }
  for (let corrections = 0; ; corrections++) {
    await verifyAll(run, spec, tables)
    const different = tablesIn(state, 'different')
    if (different.length === 0) break
    tables = tables.filter(({ name }) => different.includes(name))
    if (!(await shallCorrect(run, spec, different, corrections))) break
    for (const mapping of tables) await correct(run, mapping)
  }
  state.toVerify = null
  state.verifyMode = null
  await issue(run, spec)
  return 'switch'
}

async function verifyAll(run: Run, spec: Project, tables: readonly Mapping[]): Promise<void> {
  const { state } = run
  const round = ++state.round
  // every child is awaited before a failure is looked at: none may go on under a project that ended
  const ended = await Promise.allSettled(
    tables.map((mapping) => verifyOne(run, spec, mapping, round)),
  )
  for (const one of ended) if (one.status === 'rejected') throw one.reason
}

async function verifyOne(run: Run, spec: Project, mapping: Mapping, round: number): Promise<void> {
  const { project, state, children } = run
  const { name } = mapping
  const { schemaHash = '', estimate = 0 } = state.tables[name] ?? {}
  const workflowId = verifyId(project, name, round)
  note(state, name, { state: 'verifying' })
  children.add(workflowId)
  try {
    const report = await executeChild(verifyTable, {
      workflowId,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      args: [
        {
          project,
          mapping,
          schemaHash,
          limits: spec.limits,
          estimate,
          round,
          mode: state.verifyMode ?? spec.verify.mode,
          ...(spec.verify.sample === undefined ? {} : { sample: spec.verify.sample }),
          version: state.versions[name] ?? 0,
        },
      ],
      staticSummary: `verify ${name}`,
      typedSearchAttributes: [
        { key: ATTRIBUTES.project, value: project },
        { key: ATTRIBUTES.table, value: name },
        { key: ATTRIBUTES.source, value: mapping.source },
      ],
    })
    remember(run, report)
  } catch (error) {
    if (isCancellation(error)) throw error
    note(state, name, { state: 'failed', error: whyOf(error) })
  } finally {
    children.delete(workflowId)
  }
}

/** Keeps a report; the differences of a first look stay in the certificate when a later look finds none. */
export function remember({ state }: Run, report: VerifyReport): void {
  const differences = report.missing + report.different + report.extra
  const clean = isClean(report)
  const { table } = report
  state.reports[table] = report
  if (clean) state.corrected[table] = state.found[table] ?? 0
  else state.found[table] = Math.max(state.found[table] ?? 0, differences)
  note(state, table, { state: clean ? SHOWN[proofOf(report.mode)] : 'different' })
}

const SHOWN = { full: 'verified', sample: 'sampled', count: 'counted' } as const

async function shallCorrect(
  run: Run,
  spec: Project,
  different: readonly string[],
  corrections: number,
): Promise<boolean> {
  if (spec.verify.correct === 'never' || corrections >= MOST_CORRECTIONS) return false
  if (spec.verify.correct === 'auto') return true
  const choice = await run.ask(
    {
      id: `differences-${run.state.round}`,
      text: `Rows differ in ${different.join(', ')}. Correct them?`,
      options: ['correct', 'leave', 'stop'],
      otherwise: 'leave',
    },
    spec.limits.askAfterSeconds,
  )
  if (choice === 'stop')
    throw ApplicationFailure.nonRetryable(`Rows differ in ${different.join(', ')}`, 'ROWS_DIFFER')
  return choice === 'correct'
}

async function correct({ project, state }: Run, mapping: Mapping): Promise<void> {
  const { name } = mapping
  const report = state.reports[name]
  if (report === undefined) return
  await executeChild(correctTable, {
    workflowId: `project/${project}/correct/${name}/${state.round}`,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    args: [
      {
        project,
        mapping,
        schemaHash: state.tables[name]?.schemaHash ?? '',
        differences: report.differences,
      },
    ],
    staticSummary: `correct ${name}`,
    typedSearchAttributes: [
      { key: ATTRIBUTES.project, value: project },
      { key: ATTRIBUTES.table, value: name },
    ],
  })
}
