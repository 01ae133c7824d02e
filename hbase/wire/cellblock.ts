// KeyValues one after the other, all numbers big-endian (KeyValue, KeyValueCodec; no tags):
//   int32 length of the rest | int32 key length | int32 value length
//   | int16 row length | row | int8 family length | family | qualifier | int64 timestamp | int8 type
//   | value
import type { Cell, StoredCell } from '../types.ts'
import type { Slab } from './slab.ts'
import { putBytes } from './writer.ts'

/** Bytes of a cell besides row, family, qualifier and value. */
const FIXED = 24

/** Bytes a cell takes in a cellblock. */
export const cellSize = (row: Uint8Array, { family, qualifier, value }: Cell): number =>
  FIXED + row.length + family.length + qualifier.length + value.length

/** Writes one cell and returns the position after it. The caller has checked all lengths. */
export function putCell(to: Slab, at: number, row: Uint8Array, cell: Cell): number {
  const { bytes, view } = to
  const { family, qualifier, value, timestamp } = cell
  const keyLength = 12 + row.length + family.length + qualifier.length
  view.setInt32(at, 8 + keyLength + value.length)
  view.setInt32(at + 4, keyLength)
  view.setInt32(at + 8, value.length)
  view.setInt16(at + 12, row.length)
  at = putBytes(bytes, at + 14, row)
  bytes[at++] = family.length
  at = putBytes(bytes, at, family)
  at = putBytes(bytes, at, qualifier)
  view.setInt32(at, Math.floor(timestamp / 0x100000000))
  view.setInt32(at + 4, timestamp >>> 0)
  bytes[at + 8] = cell.type
  return putBytes(bytes, at + 9, value)
}

/** Walks over the cells of a cellblock without reading them. */
export class CellWalk {
  readonly #bytes: Buffer
  readonly #view: DataView
  /** Where the next cell begins. */
  at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.at = at
  }

  /** The row of the next cell. */
  row(): Buffer {
    this.#need(this.at)
    const at = this.at + 14
    return this.#bytes.subarray(at, at + this.#view.getUint16(at - 2))
  }

  /** Is the next cell of the row of the cell that begins there? */
  isSameRow(other: number): boolean {
    this.#need(this.at)
    const length = 2 + this.#view.getUint16(this.at + 12)
    const [here, there] = [this.at + 12, other + 12]
    return this.#bytes.compare(this.#bytes, there, there + length, here, here + length) === 0
  }

  /** Goes past so many cells. Throws a RangeError for lengths that do not fit. */
  skip(count: number): void {
    const view = this.#view
    for (; count > 0; count--) {
      const { at } = this
      this.#need(at)
      const length = view.getInt32(at)
      const keyLength = view.getInt32(at + 4)
      const valueLength = view.getInt32(at + 8)
      const familyAt = at + 15 + view.getUint16(at + 12)
      const end = at + 4 + length
      if (
        valueLength < 0 ||
        8 + keyLength + valueLength !== length ||
        end > this.#bytes.length ||
        at + 12 + keyLength - 9 < familyAt + (this.#bytes[familyAt - 1] ?? 0)
      )
        throw new RangeError('a cell whose lengths do not fit')
      this.at = end
    }
  }

  #need(at: number): void {
    if (at + FIXED > this.#bytes.length) throw new RangeError('a cellblock cut short')
  }
}

/** Reads a cellblock cell by cell. Values are views; family and qualifier are shared between cells. */
export class CellReader {
  readonly #bytes: Buffer
  readonly #names: NameCache
  readonly #walk: CellWalk

  constructor(bytes: Buffer, names: NameCache) {
    this.#bytes = bytes
    this.#names = names
    this.#walk = new CellWalk(bytes)
  }

  get more(): boolean {
    return this.#walk.at < this.#bytes.length
  }

  /** The row of the next cell. */
  row(): Buffer {
    return this.#walk.row()
  }

  /** Reads the next cell; `column` is its place in the row, a hint for finding its names again. */
  next(column: number): StoredCell {
    const bytes = this.#bytes
    const start = this.#walk.at
    this.#walk.skip(1)
    const end = this.#walk.at
    const keyEnd = start + 12 + bytes.readInt32BE(start + 4)
    const familyAt = start + 15 + bytes.readUInt16BE(start + 12)
    const qualifierAt = familyAt + bytes.readUInt8(familyAt - 1)
    const timestampAt = keyEnd - 9
    const names = this.#names.find(column, bytes, { familyAt, qualifierAt, end: timestampAt })
    const timestamp =
      bytes.readInt32BE(timestampAt) * 0x100000000 + bytes.readUInt32BE(timestampAt + 4)
    return {
      family: names.family,
      qualifier: names.qualifier,
      timestamp,
      type: bytes.readUInt8(timestampAt + 8),
      value: bytes.subarray(keyEnd, end),
    }
  }
}

interface Names {
  readonly family: Buffer
  readonly qualifier: Buffer
}

interface NamePlace {
  readonly familyAt: number
  readonly qualifierAt: number
  readonly end: number
}

const MAX_COLUMNS = 1024

/**
 * Family and qualifier of the cell at each place of a row. Rows of a table mostly have the same
 * columns, so almost every cell finds its names here instead of making two new views.
 */
export class NameCache {
  readonly #places: Names[] = []

  find(column: number, bytes: Buffer, { familyAt, qualifierAt, end }: NamePlace): Names {
    const known = this.#places[column]
    if (
      known !== undefined &&
      same(known.family, bytes, familyAt, qualifierAt) &&
      same(known.qualifier, bytes, qualifierAt, end)
    ) {
      return known
    }
    // Copies, so that a name does not keep the whole answer it came with in memory.
    const names = {
      family: Buffer.from(bytes.subarray(familyAt, qualifierAt)),
      qualifier: Buffer.from(bytes.subarray(qualifierAt, end)),
    }
    if (column < MAX_COLUMNS) this.#places[column] = names
    return names
  }
}

function same(name: Buffer, bytes: Buffer, at: number, end: number): boolean {
  if (name.length !== end - at) return false
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[at + i]) return false
  return true
}
