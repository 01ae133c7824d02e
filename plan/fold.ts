import type { Change } from '../model/change.ts'
import type { KeyText } from '../model/value.ts'

/** What a batch does about one row, whatever happened to it how often; the row as it is now decides between writing and removing it. */
export interface Folded {
  readonly table: string
  readonly key: KeyText
  /** `update`: it was only updated, so what did not change may stay. `replace`: all of it may have changed. */
  readonly kind: 'replace' | 'update'
  /** Columns any of the updates changed; null when that is not known, and for `replace`. */
  readonly columns: ReadonlySet<string> | null
  /** What to acknowledge once the row is written. */
  readonly changes: readonly Change[]
}

/** One entry per table and key, in the order they were first seen. Does not depend on the order of the changes of a key. */
export function fold(changes: readonly Change[]): Folded[] {
  const tables = new Map<string, Map<KeyText, Change[]>>()
  const groups: Change[][] = []
  for (const change of changes) {
    let keys = tables.get(change.table)
    if (keys === undefined) tables.set(change.table, (keys = new Map<KeyText, Change[]>()))
    const group = keys.get(change.key)
    if (group === undefined) {
      const first = [change]
      keys.set(change.key, first)
      groups.push(first)
    } else group.push(change)
  }
  return groups.map(foldOne)
}

function foldOne(changes: readonly Change[]): Folded {
  const { table, key } = changes[0] as Change
  const updatedOnly = changes.every((change) => change.kind === 'update')
  return {
    table,
    key,
    kind: updatedOnly ? 'update' : 'replace',
    columns: updatedOnly ? union(changes) : null,
    changes,
  }
}

function union(changes: readonly Change[]): ReadonlySet<string> | null {
  // Most updates of a statement changed the same columns, and share the set of them
  const shared = changes[0]?.columns ?? null
  if (changes.every(({ columns }) => columns === shared)) return shared
  const all = new Set<string>()
  for (const { columns } of changes) {
    if (columns === null) return null
    for (const column of columns) all.add(column)
  }
  return all
}
