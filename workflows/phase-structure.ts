import {
  ApplicationFailure,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  isCancellation,
  startChild,
} from '@temporalio/workflow'
import { ActivityFailure, TimeoutFailure } from '@temporalio/common'
import type { Phase, Project } from '../model/project.ts'
import { applyChanges } from './apply-changes.ts'
import { ATTRIBUTES, applyId } from './messages.ts'
import type { Run } from './run.ts'
import { sourcesOf } from './project-state.ts'
import { checks, control, ddl, greeting } from './proxies.ts'

/** Everything is checked before anything is created: workers, sources, targets; then targets, capture, and apply begins. */
export async function structure({ project, state }: Run, spec: Project): Promise<Phase> {
  const own = (source: string) => spec.tables.filter((table) => table.source === source)

  state.servers = { temporal: (await control().greetTemporal()).server }
  for (const source of sourcesOf(spec)) {
    state.servers[source] = await greet(source)
    const { tables, servers } = await checks(source, `check ${source}`).checkTables({
      project,
      source,
      tables: own(source),
    })
    for (const { name, schemaHash, estimate } of tables)
      state.tables[name] = { state: 'waiting', rows: 0, estimate, schemaHash }
    Object.assign(state.servers, servers)
  }

  state.captured = true
  for (const source of sourcesOf(spec)) {
    const tables = own(source).map((mapping) => ({
      mapping,
      schemaHash: state.tables[mapping.name]?.schemaHash ?? '',
    }))
    await ddl(source, `create targets of ${source}`).createTargets({ project, source, tables })
    await ddl(source, `capture ${source}`).installCapture({ project, source, tables })
  }

  // ABANDON: it has to outlive this run, and a parent that continues as new closes its children
  await startChild(applyChanges, {
    workflowId: applyId(project),
    parentClosePolicy: ParentClosePolicy.ABANDON,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    args: [
      {
        project,
        logRows: spec.limits.logRows,
        tables: spec.tables.map((mapping) => ({
          mapping,
          schemaHash: state.tables[mapping.name]?.schemaHash ?? '',
        })),
      },
    ],
    staticSummary: `apply ${project}`,
    typedSearchAttributes: [{ key: ATTRIBUTES.project, value: project }],
  })
  state.applying = true
  return 'load'
}

async function greet(source: string): Promise<string> {
  try {
    return (await greeting(source).greetSource({ source })).server
  } catch (error) {
    if (isCancellation(error) || !neverStarted(error)) throw error
    throw ApplicationFailure.nonRetryable(
      `No worker serves this source: ${source}. Start one with: longhaul worker --sources ${source}`,
      'WORKER_MISSING',
    )
  }
}

const neverStarted = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof TimeoutFailure &&
  error.cause.timeoutType === 'SCHEDULE_TO_START'
