/** A stretch of a table's key order; bounds are sealed, because a key is row data. Null is open. */
export interface Range {
  readonly no: number
  readonly after: string | null
  readonly upTo: string | null
}

/** How far the work on a range has come. */
export interface RangeProgress {
  /** Sealed key of the last row done; null before the first. */
  readonly at: string | null
  readonly rows: number
}
