import { compareBytes } from '../../model/bytes.ts'
import type { RowMutation, StoredCell, StoredColumn } from '../../model/mutation.ts'

/** One column of one row: its newest put and its newest marker. Older ones can never show with VERSIONS=1. */
interface Column {
  readonly family: Uint8Array
  readonly qualifier: Uint8Array
  put: { readonly version: number; readonly value: Uint8Array } | null
  deletedUpTo: number
}

const NEVER = -1

/**
 * One row by HBase's rules. A marker hides every put with a version up to its own, whichever arrived first;
 * of two puts with equal versions the one that arrived last is seen; flushes are not modelled, since they change nothing.
 */
export class MemoryRow {
  readonly key: Uint8Array
  /** By the bytes of family and qualifier, in their order. */
  private columns: Column[] = []
  /** Newest DeleteFamily marker by family. */
  private readonly families = new Map<string, number>()

  constructor(key: Uint8Array) {
    this.key = copy(key)
  }

  apply({ kind, version, families, cells }: RowMutation): void {
    const marker = kind === 'replace' ? version - 1 : kind === 'remove' ? version : NEVER
    for (const family of families) this.deleteFamily(text(family), marker)
    for (const { column, value } of cells) {
      if (value !== null) this.put(this.column(column), version, value)
      else if (kind === 'update') this.deleteColumn(this.column(column), version)
    }
  }

  /** What a reader sees. */
  cells(): StoredCell[] {
    const cells: StoredCell[] = []
    for (const column of this.columns) {
      const { family, qualifier, put } = column
      if (put === null || put.version <= this.hiddenUpTo(column)) continue
      cells.push({ family, qualifier, version: put.version, value: put.value })
    }
    return cells
  }

  /** Drops the puts that markers hide, then the markers up to `version`; true when nothing is left. */
  compact(version: number): boolean {
    for (const column of this.columns)
      if (column.put !== null && column.put.version <= this.hiddenUpTo(column)) column.put = null
    for (const column of this.columns) if (column.deletedUpTo <= version) column.deletedUpTo = NEVER
    for (const [family, deletedUpTo] of this.families)
      if (deletedUpTo <= version) this.families.delete(family)

    this.columns = this.columns.filter(
      (column) => column.put !== null || column.deletedUpTo !== NEVER,
    )
    return this.columns.length === 0 && this.families.size === 0
  }

  private put(column: Column, version: number, value: Uint8Array): void {
    if (column.put === null || version >= column.put.version)
      column.put = { version, value: copy(value) }
  }

  private deleteColumn(column: Column, version: number): void {
    column.deletedUpTo = Math.max(column.deletedUpTo, version)
  }

  private deleteFamily(family: string, version: number): void {
    if (version > (this.families.get(family) ?? NEVER)) this.families.set(family, version)
  }

  private hiddenUpTo({ family, deletedUpTo }: Column): number {
    return Math.max(deletedUpTo, this.families.get(text(family)) ?? NEVER)
  }

  private column(wanted: StoredColumn): Column {
    let i = 0
    for (; i < this.columns.length; i++) {
      const column = this.columns[i] as Column
      const order =
        compareBytes(column.family, wanted.family) ||
        compareBytes(column.qualifier, wanted.qualifier)
      if (order === 0) return column
      if (order > 0) break
    }
    const added: Column = {
      family: copy(wanted.family),
      qualifier: copy(wanted.qualifier),
      put: null,
      deletedUpTo: NEVER,
    }
    this.columns.splice(i, 0, added)
    return added
  }
}

/** Not `slice`, which of a Buffer gives another view of the same memory. */
const copy = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
