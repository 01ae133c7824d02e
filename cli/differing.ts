import { countOf } from '../model/differing.ts'
import type { ProjectStatus } from '../model/project.ts'
import { plural } from './numbers.ts'

/** What is to be said of rows that never kept still; null when there are none. */
export function unstableText(
  { project, differences }: Pick<ProjectStatus, 'project' | 'differences'>,
  table: string,
): string | null {
  const unstable = differences?.[table]?.unstable ?? 0
  return unstable === 0
    ? null
    : `${plural(unstable, 'row')} changed during every look: longhaul verify ${project} ${table}`
}

/** The state of a table as it is shown: `different` is only what is known to differ. */
export function shownState({ tables, differences }: ProjectStatus, table: string): string {
  const state = tables[table]?.state ?? ''
  const differing = differences?.[table]
  const isUnstable = state === 'different' && differing !== undefined && countOf(differing) === 0
  return isUnstable ? 'unstable' : state
}
