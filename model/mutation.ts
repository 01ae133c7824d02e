import type { Value } from './value.ts'

export type RowKey = Uint8Array

/** Where a value is kept: bytes made once per table, shared by the cells of all its rows. */
export interface StoredColumn {
  readonly family: Uint8Array
  readonly qualifier: Uint8Array
}

/** The families of these columns, each once. */
export const familiesOf = (columns: readonly StoredColumn[]): readonly Uint8Array[] => [
  ...new Map(
    columns.map(({ family }) => [Buffer.from(family).toString('latin1'), family] as const),
  ).values(),
]

/** Stands for a value that the codec of its column cannot hold: a sink rejects the row it is in. */
export const UNHELD: Uint8Array = new Uint8Array(0)

export interface Cell {
  readonly column: StoredColumn
  /** Null only in an update: the column turned NULL and its cell must vanish. `UNHELD` is known by its identity. */
  readonly value: Value
}

/**
 * What a sink is asked to do to one row at one version (epoch milliseconds, explicit, so repeating is harmless):
 * - `put`: cells at `version`, for the load; older cells of other columns stay.
 * - `replace`: everything older than `version` in `families` vanishes, cells at `version`.
 * - `update`: cells at `version`; a cell of null makes all its versions up to `version` vanish.
 * - `remove`: everything up to `version` in `families` vanishes.
 * Whatever the order of arrival, the highest version wins in every cell.
 */
export interface RowMutation {
  readonly kind: 'put' | 'replace' | 'update' | 'remove'
  readonly row: RowKey
  readonly version: number
  readonly families: readonly Uint8Array[]
  readonly cells: readonly Cell[]
}

export interface StoredCell {
  readonly family: Uint8Array
  readonly qualifier: Uint8Array
  readonly version: number
  readonly value: Uint8Array
}

/** A row as the sink has it: the newest visible version of each cell, in the order of family and qualifier bytes. */
export interface StoredRow {
  readonly row: RowKey
  readonly cells: readonly StoredCell[]
}
