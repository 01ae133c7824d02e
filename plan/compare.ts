import { compareBytes, equalBytes } from '../model/bytes.ts'
import type { Cell, StoredCell, StoredColumn, StoredRow } from '../model/mutation.ts'

/** A row as it must be stored; what `Transform.expected` gives. */
export interface Expected {
  readonly row: Uint8Array
  /** No nulls; in the order of family and qualifier bytes. */
  readonly cells: readonly Cell[]
}

/** How a row of the source and the same row of the target agree, seen from the source. */
export type RowVerdict =
  | { readonly verdict: 'match' | 'missing' | 'extra' }
  /** `columns` are `family:qualifier`, never values. */
  | { readonly verdict: 'different'; readonly columns: readonly string[] }

/** The versions that cells may have, both ends included. */
export interface Versions {
  readonly oldest: number
  readonly newest: number
}

const ANY: Versions = { oldest: -Infinity, newest: Infinity }

const MATCH: RowVerdict = { verdict: 'match' }
const MISSING: RowVerdict = { verdict: 'missing' }
const EXTRA: RowVerdict = { verdict: 'extra' }

/**
 * Compares every cell, both ways: a stored cell that no column accounts for is a difference too, and so is one whose
 * version nobody gave it. A row that is on neither side matches: it was deleted meanwhile.
 */
export function compare(
  expected: Expected | null,
  stored: StoredRow | null,
  versions: Versions = ANY,
): RowVerdict {
  if (expected === null) return stored === null ? MATCH : EXTRA
  if (stored === null) return MISSING
  const columns = differences(expected.cells, stored.cells, versions)
  return columns.length === 0 ? MATCH : { verdict: 'different', columns }
}

/** Compares which rows are there, and not what is in them. */
export function comparePresence(expected: Expected | null, stored: StoredRow | null): RowVerdict {
  if (expected === null) return stored === null ? MATCH : EXTRA
  return stored === null ? MISSING : MATCH
}

/** Walks both sorted lists side by side. */
function differences(
  expected: readonly Cell[],
  stored: readonly StoredCell[],
  versions: Versions,
): string[] {
  const columns: string[] = []
  let i = 0
  let j = 0
  while (i < expected.length || j < stored.length) {
    const left = expected[i]
    const right = stored[j]
    const order = compareColumns(left?.column, right)
    if (order <= 0) i++
    if (order >= 0) j++
    const same = order === 0 && isSame(left, right, versions)
    if (!same) columns.push(columnName((order <= 0 ? left?.column : right) as StoredColumn))
  }
  return columns
}

/** A list that has ended comes after everything. */
function compareColumns(a: StoredColumn | undefined, b: StoredColumn | undefined): number {
  if (a === undefined) return 1
  if (b === undefined) return -1
  return compareBytes(a.family, b.family) || compareBytes(a.qualifier, b.qualifier)
}

const isSame = (a: Cell | undefined, b: StoredCell | undefined, versions: Versions): boolean =>
  a?.value != null && b !== undefined && equalBytes(a.value, b.value) && isWithin(b, versions)

const isWithin = ({ version }: StoredCell, { oldest, newest }: Versions): boolean =>
  version >= oldest && version <= newest

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

const columnName = ({ family, qualifier }: StoredColumn): string =>
  `${utf8.decode(family)}:${utf8.decode(qualifier)}`
