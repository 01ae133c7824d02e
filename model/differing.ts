/** Rows of a table that differ, by what a correction does to them. */
export interface DifferingRows {
  readonly missing: number
  readonly different: number
  readonly extra: number
}

/** Rows that a correction would write or remove. */
export const countOf = ({ missing, different, extra }: DifferingRows): number =>
  missing + different + extra
