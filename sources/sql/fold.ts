import type { ChangeKind } from '../../model/change.ts'

/** A log row as folding sees it. */
export interface Entry {
  readonly kind: ChangeKind
  /** Words of the column mask; all zero unless it is an update. */
  readonly words: readonly bigint[]
}

/**
 * What is left of one key's log rows, oldest first: at most two.
 *   insert, update(a), update(b)   ->   insert, update(a|b)
 *   anything, delete               ->   delete
 *   delete, insert                 ->   insert       (an insert rewrites the whole row)
 *   delete, update                 ->   refresh
 *   refresh, anything but delete   ->   refresh
 */
export function fold(entries: readonly Entry[]): readonly Entry[] {
  let base: ChangeKind | null = null
  let mask: readonly bigint[] | null = null
  for (const { kind, words } of entries) {
    base = next(base, kind)
    if (kind === 'update' && base !== 'refresh') mask = either(mask ?? [], words)
    else mask = null
  }
  const rest: Entry[] = []
  if (base !== null) rest.push({ kind: base, words: [] })
  if (mask !== null) rest.push({ kind: 'update', words: mask })
  return rest
}

/** What is known of the whole row; null while only columns of it changed. */
function next(base: ChangeKind | null, kind: ChangeKind): ChangeKind | null {
  if (kind === 'update') return base === 'delete' ? 'refresh' : base
  return base === 'refresh' && kind === 'insert' ? base : kind
}

const either = (a: readonly bigint[], b: readonly bigint[]): readonly bigint[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) => (a[i] ?? 0n) | (b[i] ?? 0n))
