import type { Column } from '../../model/table.ts'

/**
 * From the canonical text of a value, or the bytes of a binary column, to the bytes of its cell. Null for a value
 * that the layout cannot hold exactly. Pure; neither keeps nor changes what it is given.
 */
export type Encode = (value: Uint8Array) => Uint8Array | null

/** How the values of one column are laid out. */
export interface Layout {
  /** What a reader asks for to get the value back, as docs/type-mapping.md calls it. */
  readonly name: string
  /** Absent where the cell holds the value as it is. */
  readonly encode?: Encode
}

/** A way to write values of every kind. */
export interface Codec {
  /** Null for a type with values that no layout of this codec holds exactly. */
  layout(column: Column): Layout | null
}
