import { RowPage } from './page.ts'
import type { KeyText, Row } from './value.ts'

/** A row of a page. */
export interface RowPlace {
  readonly page: RowPage
  readonly row: number
}

/** Rows that were asked for by their keys, in that order; what was not found has no entry. */
export class MatchedRows implements Iterable<readonly [KeyText, Row]> {
  readonly #places: Map<KeyText, RowPlace | null>
  #size = 0

  constructor(asked: Iterable<KeyText>) {
    this.#places = new Map()
    for (const key of asked) this.#places.set(key, null)
  }

  /** Copies rows. */
  static of(rows: Iterable<readonly [KeyText, Row]>): MatchedRows {
    const all = [...rows]
    const found = new MatchedRows(all.map(([key]) => key))
    for (const [key, row] of all) found.add(RowPage.of(row.length, [row]), () => key)
    return found
  }

  /** The rows of a page whose keys were asked for; a collation may have found others too. */
  add(page: RowPage, keyOf: (page: RowPage, row: number) => KeyText): void {
    for (let row = 0; row < page.length; row++) {
      const key = keyOf(page, row)
      const before = this.#places.get(key)
      if (before === undefined) continue
      if (before === null) this.#size++
      this.#places.set(key, { page, row })
    }
  }

  get size(): number {
    return this.#size
  }

  /** Where the row with this key lies. */
  place(key: KeyText): RowPlace | undefined {
    return this.#places.get(key) ?? undefined
  }

  /** A view of it. */
  get(key: KeyText): Row | undefined {
    const place = this.place(key)
    return place?.page.at(place.row)
  }

  *keys(): IterableIterator<KeyText> {
    for (const [key, place] of this.#places) if (place !== null) yield key
  }

  *[Symbol.iterator](): Iterator<readonly [KeyText, Row]> {
    for (const [key, place] of this.#places)
      if (place !== null) yield [key, place.page.at(place.row) as Row]
  }
}
