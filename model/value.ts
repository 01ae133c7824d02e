/**
 * What a database printed for one column: exact text as UTF-8, or the bytes of a binary column.
 * Null is the database's NULL; an empty text is a value of length 0, never null.
 */
export type Value = Uint8Array | null

/** One row: its values in the order of `TableSchema.columns`. */
export type Row = readonly Value[]

/**
 * A primary key as canonical text, the same bytes in every database and in JavaScript:
 * components joined by `|`, in each `~` written `~0` and `|` written `~1`, NULL written `~n`.
 * Keys are compared as bytes, never by a collation.
 */
export type KeyText = string
