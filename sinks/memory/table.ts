import type { RowKey, RowMutation, StoredRow } from '../../model/mutation.ts'
import type { ScanOptions } from '../sink.ts'
import { MemoryRow } from './row.ts'

const EMPTY = new Uint8Array(0)

/** A table in memory: rows by key, in the order of their bytes. */
export class MemoryTable {
  readonly families: readonly string[]
  /** The project that owns it; null when somebody else made it. */
  readonly owner: string | null
  private readonly rows = new Map<string, MemoryRow>()
  /** Keys in order; null after a row came or went. */
  private order: string[] | null = []

  constructor(families: readonly string[], owner: string | null) {
    this.families = families
    this.owner = owner
  }

  apply(mutation: RowMutation): void {
    const key = keyOf(mutation.row)
    let row = this.rows.get(key)
    if (row === undefined) {
      row = new MemoryRow(mutation.row)
      this.rows.set(key, row)
      this.order = null
    }
    row.apply(mutation)
  }

  read(key: RowKey): StoredRow | null {
    const row = this.rows.get(keyOf(key))
    return row === undefined ? null : visible(row, false)
  }

  /** The next visible rows, at most `limit`; fewer only at the end. Sees each row as it is when its page is made. */
  page({ from, to, keysOnly }: ScanOptions, limit: number): StoredRow[] {
    const order = (this.order ??= [...this.rows.keys()].sort())
    const last = to === null ? null : keyOf(to)
    const page: StoredRow[] = []
    for (let i = from === null ? 0 : after(order, keyOf(from)); i < order.length; i++) {
      const key = order[i] as string
      if (page.length === limit || (last !== null && key > last)) break
      const row = visible(this.rows.get(key) as MemoryRow, keysOnly === true)
      if (row !== null) page.push(row)
    }
    return page
  }

  /** A major compaction: markers up to `version` are purged. */
  compact(version: number): void {
    for (const [key, row] of this.rows) if (row.compact(version)) this.rows.delete(key)
    this.order = null
  }
}

function visible(row: MemoryRow, keysOnly: boolean): StoredRow | null {
  const cells = row.cells()
  const [first] = cells
  if (first === undefined) return null
  return { row: row.key, cells: keysOnly ? [{ ...first, value: EMPTY }] : cells }
}

/** One character per byte, so that texts are in the order of the bytes. */
const keyOf = (row: RowKey): string => Buffer.from(row).toString('latin1')

/** Position of the first key after this one. */
function after(order: readonly string[], key: string): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((order[middle] as string) > key) high = middle
    else low = middle + 1
  }
  return low
}
