import type { RowPlace } from '../model/matched-rows.ts'
import type { Cell, RowKey, StoredColumn } from '../model/mutation.ts'
import type { ChangeVisitor, RowPage, RowVisitor } from '../model/page.ts'
import type { TableSchema } from '../model/table.ts'
import type { KeyText, Row } from '../model/value.ts'

/** A row as HBase must hold it. */
export interface ExpectedRow {
  readonly row: RowKey
  /** No nulls; in the order of family and qualifier bytes. */
  readonly cells: readonly Cell[]
}

/** Source rows of one mapping to what the sink is asked to do. Pure: the same row gives the same bytes for load, apply and verify. */
export interface Transform {
  readonly target: string
  /** The anchor without its excluded columns: what to capture and to read. Rows have their values in its order. */
  readonly table: TableSchema
  readonly families: readonly string[]
  /** The canonical key of a row; throws VALUE_UNREADABLE when a key column is NULL. */
  key(row: Row): KeyText
  /** Of any length: a sink rejects the one row whose key it cannot take, and has no row for it. */
  rowKey(key: KeyText): RowKey
  /** The key a row key was made of; null when no key of this mapping makes it. */
  keyOf(row: RowKey): KeyText | null
  expected(row: Row): ExpectedRow
  /** What `visit` numbers: the columns of a row's cells, in the order of family and qualifier bytes. */
  readonly columns: readonly StoredColumn[]
  /** Gives the rows of a page to the visitor, each as `expected` makes it. */
  visit(page: RowPage, visitor: RowVisitor): void
  /** Gives a row of a page to the visitor, as one that was written anew. */
  replace(place: RowPlace, visitor: ChangeVisitor): void
  /** All columns but large ones that did not change; null = any may have changed. */
  update(place: RowPlace, changed: ReadonlySet<string> | null, visitor: ChangeVisitor): void
  remove(key: KeyText, visitor: ChangeVisitor): void
  /** Where regions of an evenly filled table begin: from the salt or hash, or from sampled keys. */
  splits(sampled: readonly KeyText[]): readonly RowKey[]
}
