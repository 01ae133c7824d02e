import {
  ApplicationFailure,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  executeChild,
  isCancellation,
  patched,
} from '@temporalio/workflow'
import { countOf } from '../model/differing.ts'
import { keptUnder, type Mapping } from '../model/mapping.ts'
import type { Phase, Project, VerifyReport } from '../model/project.ts'
import { isClean, isUndecided } from '../plan/counts.ts'
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
  for (const source of sourcesOf(spec))
    await data(source, `retry dead letters of ${source}`).retryDead({
      project: run.project,
      source,
    })
  const { toCorrect = null } = state
  if (toCorrect === null) await verifyAndCorrect(run, spec)
  else await correctAll(run, spec, toCorrect)
  state.toVerify = null
  state.verifyMode = null
  state.toCorrect = null
  await issue(run, spec)
  return 'switch'
}

async function verifyAndCorrect(run: Run, spec: Project): Promise<void> {
  const { state } = run
  const wanted = state.toVerify
  const tables = loadedTables(state, spec).filter(({ name }) => wanted?.includes(name) ?? true)
  for (const { name } of tables) {
    state.found[name] = 0
    state.corrected[name] = 0
  }
  await verifyAll(run, spec, tables)
  for (let corrections = 0; ; corrections++) {
    const different = tablesIn(state, 'different').filter((name) =>
      tables.some((table) => table.name === name),
    )
    if (different.length === 0 || !(await shallCorrect(run, spec, different, corrections))) return
    await correctAll(run, spec, different)
  }
}

/** Corrects what is known to differ, and looks at it again. */
async function correctAll(run: Run, spec: Project, names: readonly string[]): Promise<void> {
  const open: Mapping[] = []
  for (const mapping of spec.tables)
    if (names.includes(mapping.name) && !(await correct(run, mapping))) open.push(mapping)
  if (open.length > 0) await verifyAll(run, spec, open)
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
  const differences = countOf(report)
  const clean = isClean(report)
  const { table } = report
  state.reports[table] = report
  state.found[table] = Math.max(state.found[table] ?? 0, differences)
  state.corrected[table] = (state.found[table] ?? 0) - differences
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
  const { reports } = run.state
  const known = different.filter((name) => !isUndecided(reports[name]))
  // nobody can decide about rows that never kept still: they are looked at again. A project that asked before this
  // rule came waits for its answer
  if (known.length === 0 && patched('undecided-is-not-asked')) return true
  const names = (known.length === 0 ? different : known).join(', ')
  const choice = await run.ask(
    {
      id: `differences-${run.state.round}`,
      text: `Rows differ in ${names}. Correct them?`,
      options: ['correct', 'leave', 'stop'],
      otherwise: 'leave',
    },
    spec.limits.askAfterSeconds,
  )
  if (choice === 'stop')
    throw ApplicationFailure.nonRetryable(`Rows differ in ${names}`, 'ROWS_DIFFER')
  return choice === 'correct'
}

/** False when nobody looked at the corrected rows: then the whole table has to be. */
async function correct(run: Run, mapping: Mapping): Promise<boolean> {
  const { project, state } = run
  const { name } = mapping
  const found = state.reports[name]
  if (found === undefined) return true
  const round = ++state.round
  const { report } = await executeChild(correctTable, {
    workflowId: `project/${project}/correct/${name}/${round}`,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    args: [
      {
        project,
        mapping,
        schemaHash: state.tables[name]?.schemaHash ?? '',
        version: state.versions[name] ?? 0,
        differences: found.differences,
        found,
        remaining: `${keptUnder(project, mapping)}|${round}`,
      },
    ],
    staticSummary: `correct ${name}`,
    typedSearchAttributes: [
      { key: ATTRIBUTES.project, value: project },
      { key: ATTRIBUTES.table, value: name },
    ],
  })
  if (report !== null) remember(run, report)
  return report !== null
}
