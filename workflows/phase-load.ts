import {
  ApplicationFailure,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  condition,
  executeChild,
  isCancellation,
} from '@temporalio/workflow'
import type { Mapping } from '../model/mapping.ts'
import type { Phase, Project } from '../model/project.ts'
import { loadTable } from './load-table.ts'
import { ATTRIBUTES, loadId } from './messages.ts'
import type { Run } from './run.ts'
import { note, tablesIn } from './project-state.ts'
import { whyOf } from './why.ts'
import { Window } from './window.ts'

/** All tables, a few at a time. One that fails stops alone and says why. */
export async function load(run: Run, spec: Project): Promise<Phase> {
  const { state } = run
  let waiting = spec.tables.filter(({ name }) => state.versions[name] === undefined)
  for (let attempt = 1; waiting.length > 0; attempt++) {
    await loadAll(run, spec, waiting)
    const failed = tablesIn(state, 'failed')
    if (failed.length === 0) break
    const choice = await run.ask(
      {
        id: `load-failed-${attempt}`,
        text: `These tables could not be loaded: ${failed.map((name) => `${name} (${state.tables[name]?.error ?? ''})`).join('; ')}. Load them again, go on without them, or stop?`,
        options: ['retry', 'skip', 'stop'],
        otherwise: 'skip',
      },
      spec.limits.askAfterSeconds,
    )
    if (choice === 'stop') throw stopped()
    if (choice === 'skip') break
    waiting = spec.tables.filter(({ name }) => failed.includes(name))
  }
  return 'apply'
}

async function loadAll(run: Run, spec: Project, tables: readonly Mapping[]): Promise<void> {
  const window = new Window(spec.limits.tablesInParallel)
  let settled = false
  const all = async (): Promise<void> => {
    try {
      for (const mapping of tables) {
        while (window.full && !window.failed) await window.changed(() => false)
        await condition(() => !run.state.paused || window.failed)
        if (window.failed) break
        window.start(() => loadOne(run, spec, mapping))
      }
    } finally {
      await window.settle()
      settled = true
    }
    window.check()
  }
  const slow = async (): Promise<void> => {
    if (await condition(() => settled, spec.limits.askAfterSeconds * 1000)) return
    const go = await run.ask(
      {
        id: 'load-slow',
        text: `Loading ${run.project} takes longer than ${Math.round(spec.limits.askAfterSeconds / 60)} minutes. Go on?`,
        options: ['continue', 'stop'],
        otherwise: spec.limits.onNoAnswer,
      },
      spec.limits.askAfterSeconds,
    )
    if (go !== 'stop') return
    window.interrupt()
    throw stopped()
  }
  const [loaded, asked] = await Promise.allSettled([all(), slow()])
  if (asked.status === 'rejected') throw asked.reason
  if (loaded.status === 'rejected') throw loaded.reason
}

async function loadOne(run: Run, spec: Project, mapping: Mapping): Promise<void> {
  const { project, state, children } = run
  const { name } = mapping
  const workflowId = loadId(project, name)
  const { schemaHash = '', estimate = 0 } = state.tables[name] ?? {}
  note(state, name, { state: 'loading' })
  children.add(workflowId)
  try {
    const loaded = await executeChild(loadTable, {
      workflowId,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      args: [{ project, mapping, schemaHash, limits: spec.limits, estimate }],
      staticSummary: `load ${name}`,
      typedSearchAttributes: [
        { key: ATTRIBUTES.project, value: project },
        { key: ATTRIBUTES.table, value: name },
        { key: ATTRIBUTES.source, value: mapping.source },
      ],
    })
    state.versions[name] = loaded.version
    note(state, name, { state: 'loaded', rows: loaded.rows })
  } catch (error) {
    if (isCancellation(error)) throw error
    note(state, name, { state: 'failed', error: whyOf(error) })
  } finally {
    children.delete(workflowId)
  }
}

const stopped = (): ApplicationFailure =>
  ApplicationFailure.nonRetryable('Stopped by the operator', 'STOPPED')
