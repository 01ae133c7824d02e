import { getExternalWorkflowHandle, isCancellation } from '@temporalio/workflow'
import type { Mapping } from '../model/mapping.ts'
import type { Project } from '../model/project.ts'
import { applyId, follow } from './messages.ts'
import { note, sourcesOf, without } from './project-state.ts'
import { checks, ddl } from './proxies.ts'
import type { Run } from './run.ts'
import { whyOf } from './why.ts'

/**
 * Grants a wish to load tables again, as they are now: they are captured anew, apply is told, and they count as not
 * loaded. False when there was no such wish, or when something stands in its way, which the tables then say.
 */
export async function reloaded(run: Run, spec: Project): Promise<boolean> {
  const { state, wish } = run
  if (wish?.kind !== 'reload') return false
  const named = spec.tables.filter(({ name }) => wish.tables.includes(name))
  // What one of them says of its table is said of all that are filled from it
  const tables = spec.tables.filter((one) => named.some((other) => isOfSameTable(one, other)))
  try {
    for (const source of sourcesOf(spec)) {
      const own = tables.filter((table) => table.source === source)
      if (own.length > 0) await retake(run, source, own)
    }
    state.toVerify = tables.map(({ name }) => name)
    return true
  } catch (error) {
    if (isCancellation(error)) throw error
    for (const { name } of tables) note(state, name, { state: 'failed', error: whyOf(error) })
    return false
  } finally {
    run.wish = null
  }
}

const isOfSameTable = (one: Mapping, other: Mapping): boolean =>
  one.source === other.source && one.anchor === other.anchor

async function retake(
  { project, state }: Run,
  source: string,
  own: readonly Mapping[],
): Promise<void> {
  const { tables } = await checks(source, `check ${source}`).checkTables({
    project,
    source,
    tables: own,
  })
  const applied = own.map((mapping) => ({
    mapping,
    schemaHash: tables.find(({ name }) => name === mapping.name)?.schemaHash ?? '',
  }))
  // From here on what was loaded is not the whole any more
  const names = tables.map(({ name }) => name)
  state.versions = without(state.versions, names)
  state.reports = without(state.reports, names)
  for (const { name, schemaHash, estimate } of tables)
    state.tables[name] = { state: 'waiting', rows: 0, estimate, schemaHash }
  await ddl(source, `capture ${source} anew`).recapture({ project, source, tables: applied })
  await getExternalWorkflowHandle(applyId(project)).signal(follow.signal, applied)
}
