/** What capture adds to the application's writes, measured on a copy of some rows. */
export interface CaptureCost {
  /** How many rows it was measured with; none when the table is empty, and then nothing was measured. */
  readonly rows: number
  readonly insert: AddedTime | null
  /** Null also when no column could be changed freely. */
  readonly update: AddedTime | null
  readonly delete: AddedTime | null
}

/** Microseconds per row, in statements of many rows. */
export interface AddedTime {
  /** Without capture. */
  readonly plain: number
  /** What capture adds to that. */
  readonly added: number
}
