import { Slab } from './wire/slab.ts'
import { isFamily, isMarker } from './check.ts'
import type { HBaseErrorCode } from './errors.ts'
import { KeyType } from './types.ts'
import { putBytes } from './wire/writer.ts'

/** Timestamp and type. */
const TAIL = 9

/**
 * A column that many values, or many delete markers of one `KeyType`, are written to. What its cells have in common is
 * made once: family, qualifier, type and, as long as it stays the same, the time. A marker of a whole family has an
 * empty qualifier. May be shared by any number of `PackedRows`; its bytes are copied.
 */
export class PackedColumn {
  /** Bytes of family and qualifier. */
  readonly names: number
  /** Why HBase would not take its cells. */
  readonly wrong: HBaseErrorCode | undefined
  readonly isMarker: boolean
  /** As they stand behind the row in a cell; whole words, the last of which may be too long. */
  readonly #bytes: Slab
  readonly #tail: number
  #high = 0
  #low = 0

  constructor(family: Uint8Array, qualifier: Uint8Array, type: number = KeyType.put) {
    this.names = family.length + qualifier.length
    this.isMarker = type !== KeyType.put
    this.wrong = wrongOf(family, qualifier, type)
    this.#tail = 1 + this.names
    this.#bytes = new Slab(Buffer.alloc(4 * Math.ceil((this.#tail + TAIL) / 4)))
    const { bytes } = this.#bytes
    bytes[0] = family.length
    putBytes(bytes, putBytes(bytes, 1, family), qualifier)
    bytes[this.#tail + 8] = type
  }

  /** Writes all between row and value; up to three bytes behind it too. Returns where the value goes. */
  putAt(to: DataView, at: number, high: number, low: number): number {
    const { view } = this.#bytes
    if (high !== this.#high || low !== this.#low) {
      this.#high = high
      this.#low = low
      view.setInt32(this.#tail, high)
      view.setInt32(this.#tail + 4, low)
    }
    const length = this.#tail + TAIL
    for (let i = 0; i < length; i += 4) to.setInt32(at + i, view.getInt32(i))
    return at + length
  }
}

function wrongOf(
  family: Uint8Array,
  qualifier: Uint8Array,
  type: number,
): HBaseErrorCode | undefined {
  if (!isFamily(family)) return 'FAMILY_INVALID'
  return type === KeyType.put || isMarker(type, qualifier) ? undefined : 'CELL_INVALID'
}
