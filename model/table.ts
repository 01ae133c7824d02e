/**
 * What a column holds, whatever its database calls it. The canonical text of each kind is in
 * docs/type-mapping.md. `unsupported` cannot be carried: the table is refused until the column is excluded.
 */
export type ColumnKind =
  | 'integer'
  | 'decimal'
  | 'float'
  | 'double'
  | 'bits'
  | 'text'
  | 'bytes'
  | 'date'
  | 'time'
  | 'datetime'
  | 'timestamp'
  | 'year'
  | 'json'
  | 'enum'
  | 'set'
  | 'geometry'
  | 'uuid'
  | 'unsupported'

export interface Column {
  readonly name: string
  readonly kind: ColumnKind
  /** The type as the database spells it, such as `varchar(20)`; for messages and reports. */
  readonly native: string
  readonly nullable: boolean
  /** May hold long values: left out of an update that did not change it. */
  readonly large: boolean
  /** How many bits the values of an integer, or of BIT, take without a sign of their own; absent where that is not known. */
  readonly bits?: number
  /** An integer that is never below 0. */
  readonly unsigned?: boolean
  /** How many decimal digits a decimal has at most; absent where that is not known. */
  readonly precision?: number
}

export interface ForeignKey {
  readonly name: string
  readonly columns: readonly string[]
  readonly references: string
  readonly onDelete: string
  readonly onUpdate: string
}

export interface TableSchema {
  /** `database.table`. */
  readonly name: string
  readonly columns: readonly Column[]
  /** Columns of the primary key, or of the unique NOT NULL key that stands in for it, in key order; empty when there is none. */
  readonly key: readonly string[]
  readonly foreignKeys: readonly ForeignKey[]
}

/** The positions of the key's columns in a row of this table. */
export const keyPositions = (table: TableSchema): readonly number[] =>
  table.key.map((name) => table.columns.findIndex((column) => column.name === name))

/** The same table without some columns, as if it had never had them. */
export const withoutColumns = (table: TableSchema, names: readonly string[]): TableSchema =>
  names.length === 0
    ? table
    : { ...table, columns: table.columns.filter((column) => !names.includes(column.name)) }
