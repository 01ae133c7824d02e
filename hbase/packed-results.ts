import { HBaseError } from './errors.ts'
import type { Rows } from './scan/rows.ts'

/** Of a cell: lengths, then the length of its row (wire/cellblock.ts). */
const ROW_AT = 14
/** Timestamp and type. */
const TAIL = 9
/** Longer keys are compared by native code, whose call costs as much as some dozen bytes here. */
const SHORT = 64

const ENDED: readonly number[] = [0]

/**
 * Whole rows of one answer in the bytes they came in, for those who read much: no object per row or
 * cell is made. A cursor walks over them:
 *
 *   while (rows.nextRow()) while (rows.nextCell()) add(rows.bytes, rows.valueStart, rows.valueEnd)
 *
 * The positions are in `bytes`. All of it is to be read before the next page is asked for, and copied if
 * it is to be kept: the next pages come in the same memory. Given out by `HBaseClient.scanPacked`.
 */
export class PackedResults implements Rows {
  readonly bytes: Buffer
  readonly #view: DataView
  /** Where each row begins, and behind the last where it ends. */
  #starts: readonly number[]
  #index = -1
  #next = 0
  #end = 0

  /** The key of the row under the cursor. */
  rowStart = 0
  rowEnd = 0
  /** The cell under the cursor; each part ends where the next one starts. */
  familyStart = 0
  qualifierStart = 0
  qualifierEnd = 0
  valueStart = 0
  valueEnd = 0

  /** The caller has checked that the cells fit between the starts. */
  constructor(bytes: Buffer, starts: readonly number[]) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#starts = starts
  }

  /** Rows in all. */
  get length(): number {
    return this.#starts.length - 1
  }

  /** Goes to the next row, before its first cell; false when there is none. */
  nextRow(): boolean {
    if (this.#index + 1 >= this.length) return this.#none()
    const at = this.#starts[++this.#index] ?? 0
    this.#next = at
    this.#end = this.#starts[this.#index + 1] ?? 0
    this.rowStart = at + ROW_AT
    this.rowEnd = this.rowStart + this.#rowLength(at)
    return true
  }

  /** Back before the first row. */
  rewind(): void {
    this.#index = -1
    this.#next = this.#end = 0
  }

  /** Goes to the next cell of the row; false when there is none. */
  nextCell(): boolean {
    const at = this.#next
    if (at >= this.#end) return this.#none()
    const keyEnd = at + 12 + this.#view.getInt32(at + 4)
    this.familyStart = at + ROW_AT + 1 + this.#rowLength(at)
    this.qualifierStart = this.familyStart + (this.bytes[this.familyStart - 1] ?? 0)
    this.qualifierEnd = keyEnd - TAIL
    this.valueStart = keyEnd
    this.#next = this.valueEnd = keyEnd + this.#view.getInt32(at + 8)
    return true
  }

  /** Milliseconds. */
  get timestamp(): number {
    const at = this.qualifierEnd
    return this.#view.getInt32(at) * 0x100000000 + this.#view.getUint32(at + 4)
  }

  /** A `KeyType`. */
  get type(): number {
    return this.bytes[this.valueStart - 1] ?? 0
  }

  /** A view, as are the others: each is an object made when it is asked for. */
  get row(): Buffer {
    return this.bytes.subarray(this.rowStart, this.rowEnd)
  }

  get family(): Buffer {
    return this.bytes.subarray(this.familyStart, this.qualifierStart)
  }

  get qualifier(): Buffer {
    return this.bytes.subarray(this.qualifierStart, this.qualifierEnd)
  }

  get value(): Buffer {
    return this.bytes.subarray(this.valueStart, this.valueEnd)
  }

  /** The key of any row, wherever the cursor is. */
  keyAt(index: number): Buffer {
    const at = (this.#starts[index] ?? 0) + ROW_AT
    return this.bytes.subarray(at, at + this.#rowLength(at - ROW_AT))
  }

  order(index: number): number {
    const { bytes } = this
    const before = this.#starts[index - 1] ?? 0
    const here = this.#starts[index] ?? 0
    const beforeLength = this.#rowLength(before)
    const hereLength = this.#rowLength(here)
    const length = Math.min(beforeLength, hereLength)
    if (length > SHORT) return Buffer.compare(this.keyAt(index - 1), this.keyAt(index))
    for (let i = ROW_AT; i < ROW_AT + length; i++) {
      const difference = (bytes[before + i] ?? 0) - (bytes[here + i] ?? 0)
      if (difference !== 0) return difference
    }
    return beforeLength - hereLength
  }

  /** Never: only whole rows are packed. */
  isPartial(): boolean {
    return false
  }

  /** The first so many rows. */
  first(length: number): PackedResults {
    return new PackedResults(this.bytes, this.#starts.slice(0, length + 1))
  }

  /** Its bytes are no longer its own. */
  end(): void {
    this.#starts = ENDED
    this.#next = this.#end = 0
  }

  #none(): false {
    if (this.#starts !== ENDED) return false
    throw new HBaseError('READ_INVALID', { detail: 'a page read after the next one was asked for' })
  }

  #rowLength(at: number): number {
    return this.#view.getUint16(at + ROW_AT - 2)
  }
}
