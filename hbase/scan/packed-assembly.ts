import { CellWalk } from '../wire/cellblock.ts'
import type { BufferPool } from '../buffers.ts'
import { PackedResults } from '../packed-results.ts'
import type { Answer, Assembly } from './assembly.ts'
import type { Rows } from './rows.ts'

/**
 * Whole rows in the bytes they came in. Almost every answer ends in the middle of a row: its pieces are
 * joined to a page of their own, so that no other row is copied.
 */
export class PackedAssembly implements Assembly<PackedResults> {
  readonly #frames: BufferPool
  /** What came of a row whose rest is still to come. */
  #open: Buffer[] = []

  /** Where answers that were read are given back. */
  constructor(frames: BufferPool) {
    this.#frames = frames
  }

  pages({ cellsPerResult, partialFlags, cellblock, last }: Answer): PackedResults[] {
    const walk = new CellWalk(cellblock)
    /** Of the rows that begin here. */
    const starts: number[] = []
    let goesOn = this.#open.length > 0
    cellsPerResult.forEach((count, i) => {
      if (count === 0) return
      // Said to go on, a row may yet turn out to have ended
      if (!goesOn || !this.#isNext(walk, starts)) starts.push(walk.at)
      walk.skip(count)
      goesOn = partialFlags[i] === true
    })
    if (walk.at < cellblock.length) throw new RangeError('more cells than announced')
    const hasEnded = last || !goesOn
    const pages = this.#join(cellblock.subarray(0, starts[0]), hasEnded || starts.length > 0)
    let end = cellblock.length
    if (!hasEnded && starts.length > 0) {
      end = starts.pop() ?? 0
      this.#open = [Buffer.from(cellblock.subarray(end))]
    }
    if (starts.length === 0) this.#frames.give(cellblock)
    else {
      starts.push(end)
      pages.push(new PackedResults(cellblock, starts))
    }
    return pages
  }

  done(page: PackedResults): void {
    page.end()
    this.#frames.give(page.bytes)
  }

  lost(): void {
    this.#open = []
  }

  rows(page: PackedResults): Rows {
    return page
  }

  cut(page: PackedResults, length: number): PackedResults {
    return page.first(length)
  }

  /** Does what comes next belong to the row before it, begun in this answer or in one before? */
  #isNext(walk: CellWalk, starts: readonly number[]): boolean {
    const before = starts.at(-1)
    if (before !== undefined) return walk.isSameRow(before)
    const [first] = this.#open
    return first !== undefined && walk.row().equals(new CellWalk(first).row())
  }

  /** Takes what is left of the open row, and gives the row when it has ended. */
  #join(rest: Buffer, hasEnded: boolean): PackedResults[] {
    if (this.#open.length === 0) return []
    // A copy, for the answer's own memory is used again
    this.#open.push(Buffer.from(rest))
    if (!hasEnded) return []
    const bytes = Buffer.concat(this.#open)
    this.#open = []
    return [new PackedResults(bytes, [0, bytes.length])]
  }
}
