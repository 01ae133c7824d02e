import { isKeyAsRead } from '../model/key.ts'
import type { RowPlace } from '../model/matched-rows.ts'
import type { ChangeVisitor, RowPage, RowVisitor } from '../model/page.ts'
import { UNHELD } from '../model/mutation.ts'
import { keyPositions, type TableSchema } from '../model/table.ts'
import type { Row } from '../model/value.ts'
import type { CarriedColumn } from './columns.ts'
import { DRESS_BYTES, type RowKeys } from './row-key.ts'

/** Longer keys take the long way. */
const KEY_BYTES = 512
const TILDE = 0x7e
const BAR = 0x7c

/** Rows of pages, given value by value. */
interface Visits {
  /** All rows as `expected` makes them, in their order and that of the columns. */
  page(page: RowPage, visitor: RowVisitor): void
  replace(place: RowPlace, visitor: ChangeVisitor): void
  /** Without large columns that did not change; null = any may have changed. */
  update(place: RowPlace, changed: ReadonlySet<string> | null, visitor: ChangeVisitor): void
}

type WriteKey = (page: RowPage, row: number) => Written

export function visitsOf(columns: readonly CarriedColumn[], writeKey: WriteKey): Visits {
  const hasLarge = columns.some(({ large }) => large)
  const all = [...columns.keys()]
  const written = (changed: ReadonlySet<string> | null): readonly number[] => {
    if (changed === null || !hasLarge) return all
    return all.filter((no) => {
      const { large, name } = columns[no] as CarriedColumn
      return !large || changed.has(name)
    })
  }
  const cells = (
    { page, row }: RowPlace,
    numbers: readonly number[],
    visitor: Pick<RowVisitor, 'cell'>,
  ): void => {
    const { bytes, spans } = page
    for (let i = 0; i < numbers.length; i++) {
      const no = numbers[i] as number
      const { position, encode } = columns[no] as CarriedColumn
      const at = 2 * (row * page.columns + position)
      const start = spans[at] as number
      if (start < 0) continue
      const end = spans[at + 1] as number
      if (encode === null) visitor.cell(no, bytes, start, end)
      else {
        const value = encode(bytes.subarray(start, end)) ?? UNHELD
        visitor.cell(no, value, 0, value.length)
      }
    }
  }
  return {
    page(page, visitor) {
      const place = { page, row: 0 }
      for (; place.row < page.length; place.row++) {
        const key = writeKey(page, place.row)
        visitor.row(key.bytes, key.start, key.end)
        cells(place, all, visitor)
      }
    },
    replace(place, visitor) {
      const key = writeKey(place.page, place.row)
      visitor.replace(key.bytes, key.start, key.end)
      cells(place, all, visitor)
    },
    update(place, changed, visitor) {
      const { page, row } = place
      const key = writeKey(page, row)
      visitor.update(key.bytes, key.start, key.end)
      const numbers = written(changed)
      for (const no of numbers) {
        const { position } = columns[no] as CarriedColumn
        if ((page.spans[2 * (row * page.columns + position)] as number) < 0) visitor.clear(no)
      }
      cells(place, numbers, visitor)
    },
  }
}

/** Where a row key lies, until the next one is written. */
interface Written {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/**
 * Row keys of a page's rows without a text for each, where the key is ASCII without `~` and `|`, which stands in a key
 * as it was read; all others by `slow`.
 */
export function keyWriter(
  table: TableSchema,
  { dress }: RowKeys,
  slow: (row: Row) => Uint8Array,
): WriteKey {
  const positions = keyPositions(table)
  const isPlain = isKeyAsRead(table)
  const bytes = new Uint8Array(DRESS_BYTES + KEY_BYTES)
  const written = { bytes, start: 0, end: 0 }

  const slowly = (page: RowPage, row: number): Written => {
    const key = slow(page.at(row) as Row)
    return { bytes: key, start: 0, end: key.length }
  }
  return (page, row) => {
    if (!isPlain) return slowly(page, row)
    let end = DRESS_BYTES
    for (let i = 0; i < positions.length; i++) {
      if (i > 0) bytes[end++] = BAR
      end = putPlain(bytes, end, page, 2 * (row * page.columns + (positions[i] as number)))
      if (end < 0) return slowly(page, row)
    }
    if (end === DRESS_BYTES) return slowly(page, row)
    written.start = dress(bytes, DRESS_BYTES, end)
    written.end = end
    return written
  }
}

/** Copies a value as a component of a key; returns the position after it, below 0 where that is not enough. */
function putPlain(to: Uint8Array, at: number, page: RowPage, place: number): number {
  const { bytes, spans } = page
  const start = spans[place] as number
  const end = spans[place + 1] as number
  if (start < 0 || at + end - start >= to.length) return -1
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    if (byte >= TILDE || byte === BAR) return -1
    to[at++] = byte
  }
  return at
}
