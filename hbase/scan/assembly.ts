import { CellReader, NameCache } from '../wire/cellblock.ts'
import type { Result, StoredCell } from '../types.ts'
import type { ScanResponseValue } from '../wire/messages.ts'
import { ResultRows } from './rows.ts'
import type { Rows } from './rows.ts'

/** One answer of a scanner. */
export interface Answer extends Pick<ScanResponseValue, 'cellsPerResult' | 'partialFlags'> {
  readonly cellblock: Buffer
  /** The scanner has no more; a row that was still open is whole. */
  readonly last: boolean
}

/**
 * Makes pages of rows of what servers send in pieces of any size. It lives as long as the scan, whose scanners come
 * and go.
 */
export interface Assembly<P> {
  /** Takes an answer, gives what is complete by now, no page empty. Throws a RangeError for bytes that make no sense. */
  pages(answer: Answer): readonly P[]
  /** The scanner is gone: what was not given out will be read again. */
  lost(): void
  rows(page: P): Rows
  /** The page without the rows from this one on. */
  cut(page: P, length: number): P
  /** The consumer has asked for what follows the page. */
  done(page: P): void
}

/** A row whose rest is still to come. */
interface OpenRow {
  readonly row: Uint8Array
  cells: StoredCell[]
}

interface GivenCell {
  readonly row: Uint8Array
  readonly cell: StoredCell
}

/**
 * Whole rows, or parts of exactly `batch` cells. When a scanner is lost in the middle of a row of which
 * parts were given out, a new one reads that row from its start, and the cells up to the last one given
 * out are dropped (BatchScanResultCache, ConnectionUtils.filterCells).
 */
export class ResultAssembly implements Assembly<readonly Result[]> {
  readonly #batch: number
  readonly #names = new NameCache()
  #open: OpenRow | undefined
  #ready: Result[] = []
  /** The last cell given out, when the row it belongs to was given out in part. */
  #given: GivenCell | undefined
  /** A scanner was lost since. */
  #again = false

  constructor(batch = Infinity) {
    this.#batch = batch
  }

  pages({ cellsPerResult, partialFlags, cellblock, last }: Answer): Result[][] {
    const reader = new CellReader(cellblock, this.#names)
    cellsPerResult.forEach((count, i) => {
      if (count > 0) this.#add(reader, count, partialFlags[i] === true)
    })
    if (reader.more) throw new RangeError('more cells than announced')
    if (last) this.#endRow()
    const ready = this.#take()
    return ready.length === 0 ? [] : [ready]
  }

  rows(page: readonly Result[]): Rows {
    return new ResultRows(page)
  }

  cut(page: readonly Result[], length: number): readonly Result[] {
    return page.slice(0, length)
  }

  /** Its values are views, which the consumer may keep. */
  done(): void {}

  lost(): void {
    this.#again = this.#given !== undefined
    this.#open = undefined
    this.#ready = []
  }

  /** Takes the next `count` cells, all of one row; `partial` when more of the row may come. */
  #add(reader: CellReader, count: number, partial: boolean): void {
    const row = reader.row()
    if (this.#open !== undefined && Buffer.compare(this.#open.row, row) !== 0) this.#endRow()
    const open: OpenRow = (this.#open ??= { row, cells: [] })
    for (let i = 0; i < count; i++) {
      const cell = reader.next(open.cells.length)
      if (this.#again && this.#wasGiven(row, cell)) continue
      // Only with one cell more it is known that the row goes on.
      if (open.cells.length === this.#batch) this.#give(open)
      open.cells.push(cell)
    }
    if (!partial) this.#endRow()
  }

  /** What follows belongs to another row, or nothing follows. */
  #endRow(): void {
    if (this.#open !== undefined && this.#open.cells.length > 0) this.#ready.push(this.#open)
    this.#open = undefined
  }

  /** Gives out the results that are complete by now. */
  #take(): Result[] {
    const ready = this.#ready
    const last = ready.at(-1)
    if (last === undefined) return ready
    const cell = last.cells.at(-1)
    this.#given = last.partial === true && cell !== undefined ? { row: last.row, cell } : undefined
    this.#again = false
    this.#ready = []
    return ready
  }

  #give(open: OpenRow): void {
    this.#ready.push({ row: open.row, cells: open.cells, partial: true })
    open.cells = []
  }

  #wasGiven(row: Uint8Array, cell: StoredCell): boolean {
    const given = this.#given
    if (given === undefined || Buffer.compare(given.row, row) !== 0) return false
    return compareCells(cell, given.cell) <= 0
  }
}

/** The order of cells in a row: newest first inside a column, markers before values (CellComparatorImpl). */
function compareCells(a: StoredCell, b: StoredCell): number {
  return (
    Buffer.compare(a.family, b.family) ||
    Buffer.compare(a.qualifier, b.qualifier) ||
    b.timestamp - a.timestamp ||
    b.type - a.type
  )
}
