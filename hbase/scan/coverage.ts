import type { Bounds, Region } from '../region.ts'
import { HBaseError } from '../errors.ts'
import type { Rows } from './rows.ts'
import { compareBytes } from '../bytes.ts'
import { holds } from '../region.ts'

/** Where to go on. */
export interface Position {
  /** Empty for the end of the table that the scan comes from. */
  readonly row: Uint8Array
  readonly inclusive: boolean
}

export interface Range {
  readonly table: string
  readonly start?: Uint8Array | undefined
  readonly startExclusive?: boolean | undefined
  readonly stop?: Uint8Array | undefined
  readonly stopInclusive?: boolean | undefined
  /** From `start` down to `stop`. */
  readonly reversed?: boolean | undefined
}

const EMPTY = Buffer.alloc(0)

/** Do the regions follow each other from the first possible row to the last, each begun where one ended? */
export function formChain(regions: readonly Bounds[]): boolean {
  const starts = regions.map(({ start }) => start)
  const ends = regions.map(({ end }) => end)
  const meets = (end: Uint8Array, i: number) => {
    const next = starts[i + 1]
    return next !== undefined && end.length > 0 && Buffer.compare(next, end) === 0
  }
  return starts[0]?.length === 0 && ends.at(-1)?.length === 0 && ends.slice(0, -1).every(meets)
}

/**
 * The proof that a scan saw its whole range: regions that each begin where the one before ended,
 * each told by its server to be exhausted, rows strictly in order inside them. Whatever breaks the
 * chain throws SCAN_INCOMPLETE, so that an end is never taken for granted. A reversed scan is the
 * same seen in a mirror: it enters a region at its end and leaves it where it starts.
 */
export class Coverage {
  readonly #table: string
  readonly #stop: Uint8Array
  readonly #stopInclusive: boolean
  readonly #reversed: boolean
  #region: Region | undefined
  #next: Position
  /** The last row seen, and whether only in part. */
  #last: { readonly key: Uint8Array; readonly partial: boolean } | undefined
  #complete: boolean

  constructor(range: Range) {
    this.#table = range.table
    this.#stop = range.stop ?? EMPTY
    this.#stopInclusive = range.stopInclusive ?? false
    this.#reversed = range.reversed ?? false
    this.#next = { row: range.start ?? EMPTY, inclusive: range.startExclusive !== true }
    this.#complete = this.#isEmpty()
  }

  /** Every row of the range has been seen. */
  get complete(): boolean {
    return this.#complete
  }

  /** Everything before this has been seen; a row seen in part begins here again. */
  get next(): Position {
    return this.#next
  }

  /** A scanner is opened here: the region must hold the first row not covered yet. */
  enter(region: Region): void {
    if (region.table !== this.#table) throw this.#broken('a region of another table')
    if (!this.#reaches(region)) throw this.#broken('a hole between two regions')
    this.#region = region
  }

  /** Takes the next rows of the region. */
  rows(rows: Rows): void {
    if (rows.length === 0) return
    const first = rows.keyAt(0)
    // A copy, for it outlives the rows
    const key = Buffer.from(rows.keyAt(rows.length - 1))
    // Those between lie between, being in order
    if (this.#region === undefined || !holds(this.#region, first) || !holds(this.#region, key))
      throw this.#broken('a row outside its region')
    const last = this.#last
    if (last !== undefined) this.#checkOrder(compareBytes(last.key, first), last.partial)
    for (let i = 1; i < rows.length; i++) this.#checkOrder(rows.order(i), rows.isPartial(i - 1))
    const partial = rows.isPartial(rows.length - 1)
    this.#last = { key, partial }
    this.#next = { row: key, inclusive: partial }
  }

  /** The server has told that the range is exhausted in the region entered last. */
  leave(): void {
    if (this.#region === undefined) throw this.#broken('no region')
    const { start, end } = this.#region
    this.#region = undefined
    const bound = this.#reversed ? start : end
    if (bound.length === 0 || this.#holdsStop(bound)) this.#complete = true
    else this.#next = { row: bound, inclusive: !this.#reversed }
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

  /** Negative when the scan meets a before b. */
  #compare(a: Uint8Array, b: Uint8Array): number {
    return this.#reversed ? compareBytes(b, a) : compareBytes(a, b)
  }

  /** The parts of one row come one after the other. */
  #checkOrder(order: number, partial: boolean): void {
    const onwards = this.#reversed ? order > 0 : order < 0
    if (!onwards && !(order === 0 && partial)) throw this.#broken('rows out of order')
  }

  #isEmpty(): boolean {
    const { row, inclusive } = this.#next
    if (this.#stop.length === 0 || (this.#reversed && row.length === 0)) return false
    const order = this.#compare(row, this.#stop)
    return order > 0 || (order === 0 && !(inclusive && this.#stopInclusive))
  }

  #reaches(region: Region): boolean {
    const { row, inclusive } = this.#next
    if (!this.#reversed || (inclusive && row.length > 0)) return holds(region, row)
    return holdsBefore(region, row)
  }

  /** Does the range stop at or before the bound the scan leaves a region by? */
  #holdsStop(bound: Uint8Array): boolean {
    if (this.#stop.length === 0) return false
    const order = this.#compare(this.#stop, bound)
    // Going up, the bound is the next region's first row; going down, this region's own.
    return order < 0 || (order === 0 && (this.#reversed || !this.#stopInclusive))
  }

  #broken(detail: string): HBaseError {
    return new HBaseError('SCAN_INCOMPLETE', { table: this.#table, detail })
  }
}

/** Does the region hold the rows right before this one? Empty stands for the end of the table. */
export const holdsBefore = ({ start, end }: Bounds, row: Uint8Array): boolean =>
  end.length === 0
    ? row.length === 0 || Buffer.compare(start, row) < 0
    : row.length > 0 && Buffer.compare(start, row) < 0 && Buffer.compare(row, end) <= 0
