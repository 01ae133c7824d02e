import { HBaseError } from '../errors.ts'
import type { Region } from '../region.ts'
import type { Result } from '../types.ts'
import { holds } from '../region.ts'

export interface Range {
  readonly table: string
  readonly start: Uint8Array
  /** Exclusive; empty for the end of the table. */
  readonly stop: Uint8Array
}

type Bounds = Pick<Region, 'start' | 'end'>

/** Do the regions follow each other from the first possible row to the last, each begun where one ended? */
export function formChain(regions: readonly Bounds[]): boolean {
  const starts = regions.map(({ start }) => start)
  const ends = regions.map(({ end }) => end)
  const meets = (end: Buffer, i: number) => starts[i + 1]?.equals(end) === true && end.length > 0
  return starts[0]?.length === 0 && ends.at(-1)?.length === 0 && ends.slice(0, -1).every(meets)
}

/**
 * The proof that a scan saw its whole range: regions that each begin where the one before ended,
 * each told by its server to be exhausted, rows strictly ascending inside them. Whatever breaks the
 * chain throws SCAN_INCOMPLETE, so that an end is never taken for granted.
 */
export class Coverage {
  readonly #range: Range
  #region: Region | undefined
  #covered: Uint8Array
  #lastRow: Uint8Array | undefined
  #complete: boolean

  constructor(range: Range) {
    this.#range = range
    this.#covered = range.start
    const { start, stop } = range
    this.#complete = stop.length > 0 && Buffer.compare(start, stop) >= 0
  }

  /** Every row of the range has been seen. */
  get complete(): boolean {
    return this.#complete
  }

  /** Everything before this row has been seen. */
  get covered(): Uint8Array {
    return this.#covered
  }

  /** A scanner is opened here: the region must hold the first row not covered yet. */
  enter(region: Region): void {
    if (region.table !== this.#range.table) throw this.#broken('a region of another table')
    if (!holds(region, this.#covered)) throw this.#broken('a hole between two regions')
    this.#region = region
  }

  /** Takes the next rows of the region. */
  rows(results: readonly Result[]): void {
    for (const { row } of results) {
      if (this.#region === undefined || !holds(this.#region, row)) {
        throw this.#broken('a row outside its region')
      }
      if (this.#lastRow !== undefined && Buffer.compare(this.#lastRow, row) >= 0) {
        throw this.#broken('rows out of order')
      }
      this.#lastRow = row
    }
    const last = results.at(-1)
    if (last !== undefined) this.#covered = last.row
  }

  /** The server has told that the range is exhausted in the region entered last. */
  leave(): void {
    if (this.#region === undefined) throw this.#broken('no region')
    const { end } = this.#region
    const { stop } = this.#range
    this.#region = undefined
    if (end.length === 0 || (stop.length > 0 && Buffer.compare(end, stop) >= 0))
      this.#complete = true
    else this.#covered = end
  }

  /**
   * To be called when no more rows come, with all regions of the table as hbase:meta has them now.
   * Two regions that overlap may each hold rows of the same range, and a walk from one to the next
   * would pass rows by; so the regions must form one chain.
   */
  finish(regions: readonly Bounds[]): void {
    if (!this.#complete) throw this.#broken('it ended before its range')
    if (!formChain(regions)) throw this.#broken('regions overlap or leave a hole')
  }

  #broken(detail: string): HBaseError {
    return new HBaseError('SCAN_INCOMPLETE', { table: this.#range.table, detail })
  }
}
