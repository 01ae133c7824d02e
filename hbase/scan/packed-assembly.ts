import { CellWalk } from '../wire/cellblock.ts'
import { PackedResults } from '../packed-results.ts'
import type { Answer, Assembly } from './assembly.ts'
import type { Rows } from './rows.ts'

const NOTHING = Buffer.alloc(0)

/** Whole rows in the bytes they came in. The pieces of a row that came in parts are joined. */
export class PackedAssembly implements Assembly<PackedResults> {
  /** What came of a row whose rest is still to come. */
  #open = NOTHING

  page({ cellsPerResult, partialFlags, cellblock, last }: Answer): PackedResults {
    const isOpen = this.#open.length > 0
    const bytes = isOpen ? Buffer.concat([this.#open, cellblock]) : cellblock
    const walk = new CellWalk(bytes, this.#open.length)
    const starts = isOpen ? [0] : []
    let goesOn = isOpen
    cellsPerResult.forEach((count, i) => {
      if (count === 0) return
      // Said to go on, a row may yet turn out to have ended
      if (!goesOn || !walk.isSameRow(starts.at(-1) ?? 0)) starts.push(walk.at)
      walk.skip(count)
      goesOn = partialFlags[i] === true
    })
    if (walk.at < bytes.length) throw new RangeError('more cells than announced')
    const isWhole = last || !goesOn
    this.#open = isWhole ? NOTHING : Buffer.from(bytes.subarray(starts.at(-1)))
    if (isWhole) starts.push(bytes.length)
    return new PackedResults(bytes, starts)
  }

  lost(): void {
    this.#open = NOTHING
  }

  rows(page: PackedResults): Rows {
    return page
  }

  cut(page: PackedResults, length: number): PackedResults {
    return page.first(length)
  }
}
