import { compareBytes } from '../bytes.ts'
import type { Result } from '../types.ts'

/** What the proof of a scan asks of the rows of one answer, in whatever shape they are given out. */
export interface Rows {
  readonly length: number
  keyAt(index: number): Uint8Array
  /** Below, at or above 0 as the row before comes before, with or after this one; not to be asked of the first. */
  order(index: number): number
  /** More of this row comes with the next. */
  isPartial(index: number): boolean
}

export class ResultRows implements Rows {
  readonly #results: readonly Result[]

  constructor(results: readonly Result[]) {
    this.#results = results
  }

  get length(): number {
    return this.#results.length
  }

  keyAt(index: number): Uint8Array {
    return (this.#results[index] as Result).row
  }

  order(index: number): number {
    return compareBytes(this.keyAt(index - 1), this.keyAt(index))
  }

  isPartial(index: number): boolean {
    return this.#results[index]?.partial === true
  }
}
