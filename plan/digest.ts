import type { StoredRow } from '../model/mutation.ts'
import type { Expected } from './compare.ts'

/** 64 bits of a hash that nobody can make collide by choosing values, such as the first 8 bytes of SHA-256. */
type Hash = (bytes: Uint8Array) => bigint

/** The digest of one row, whichever side it comes from; rows add up modulo 2^64 in any order, and a row counted twice shows. */
export const rowDigest = (row: Expected | StoredRow, hash: Hash): bigint =>
  BigInt.asUintN(64, hash(rowBytes(row)))

/**
 * All of a row but its versions, each part after its length so that no two rows give the same bytes:
 *   row, then family, qualifier and value of each cell.
 */
export function rowBytes({ row, cells }: Expected | StoredRow): Uint8Array {
  const bytes = new RowBytes()
  bytes.add(row)
  for (const cell of cells) {
    const { family, qualifier } = 'column' in cell ? cell.column : cell
    bytes.add(family)
    bytes.add(qualifier)
    bytes.add(cell.value ?? NOTHING)
  }
  return bytes.whole
}

const NOTHING = new Uint8Array(0)

/** Longer parts are copied by native code, whose call costs as much as some dozen bytes here. */
const SHORT = 40

/** `rowBytes` of one row after another, part by part, in memory that is used again. */
export class RowBytes {
  private memory = new Uint8Array(1024)
  private view = new DataView(this.memory.buffer)
  private end = 0

  /** Valid until the next part. */
  get whole(): Uint8Array {
    return this.memory.subarray(0, this.end)
  }

  clear(): void {
    this.end = 0
  }

  /** The next part: what lies from `start` to `end`. */
  add(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const length = end - start
    this.reserve(4 + length)
    this.view.setUint32(this.end, length)
    this.end += 4
    this.copy(bytes, start, end)
  }

  /** Parts that were added elsewhere. */
  addWhole(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.copy(bytes, 0, bytes.length)
  }

  private copy(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > SHORT) {
      this.memory.set(bytes.subarray(start, end), this.end)
      this.end += end - start
    } else for (let i = start; i < end; i++) this.memory[this.end++] = bytes[i] as number
  }

  private reserve(more: number): void {
    if (this.end + more <= this.memory.length) return
    const larger = new Uint8Array(Math.max(2 * this.memory.length, this.end + more))
    larger.set(this.memory.subarray(0, this.end))
    this.memory = larger
    this.view = new DataView(larger.buffer)
  }
}
