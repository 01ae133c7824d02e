import { MAX_MUTATION_BYTES, checkCell, isRow } from './check.ts'
import type { Batch } from './batch.ts'
import type { Cell } from './types.ts'
import { HBaseError } from './errors.ts'
import type { HBaseErrorCode } from './errors.ts'
import { KeyType } from './types.ts'
import type { Limits } from './check.ts'
import { Slab } from './wire/slab.ts'
import { at } from './at.ts'
import { cellSize, putCell } from './wire/cellblock.ts'
import { putBytes } from './wire/writer.ts'

const SMALLEST = 1 << 16
const NOTHING = new Uint8Array(0)

/**
 * Values of many rows, packed as they are given into the bytes they take on the wire: for those who
 * write much. No object per cell lives until the answer comes, which is what writing costs most.
 *
 *   rows.row(key); rows.put(family, qualifier, timestamp, value); …; await client.mutate(table, rows)
 *
 * Keys and values are copied and may be reused at once. While a `mutate` is under way the rows cannot
 * be changed (IN_USE); after it they can be written again, or cleared and filled anew.
 */
export class PackedRows implements Batch {
  readonly #rows: Uint8Array[] = []
  /** Of each row: where its cells begin and end, how many they are, and the size of the largest. */
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #counts: number[] = []
  readonly #largest: number[] = []
  readonly #wrong = new Map<number, HBaseErrorCode>()
  /** Filled anew for every cell: putCell takes an object, and none has to be made. */
  readonly #cell = new Blank()
  #slab = new Slab(Buffer.allocUnsafeSlow(SMALLEST))
  #end = 0
  #holders = 0

  /** Rows so far. */
  get length(): number {
    return this.#rows.length
  }

  /** Bytes of all keys and cells so far, about as they go over the wire. */
  get bytes(): number {
    return this.#end
  }

  /** Begins a row: the values that follow are its own. Throws IN_USE. */
  row(key: Uint8Array): void {
    this.#checkFree()
    if (!isRow(key)) this.#wrong.set(this.#rows.length, 'ROW_KEY_INVALID')
    this.#reserve(key.length)
    const keyAt = this.#end
    this.#end = putBytes(this.#slab.bytes, keyAt, key)
    this.#rows.push(this.#slab.bytes.subarray(keyAt, this.#end))
    this.#starts.push(this.#end)
    this.#ends.push(this.#end)
    this.#counts.push(0)
    this.#largest.push(0)
  }

  /**
   * Adds a value to the row begun last; `timestamp` in milliseconds. What HBase would not take fails
   * with its row when that is written. Throws IN_USE, and ROW_KEY_INVALID when no row was begun.
   */
  put(family: Uint8Array, qualifier: Uint8Array, timestamp: number, value: Uint8Array): void {
    this.#checkFree()
    const item = this.#rows.length - 1
    const row = this.#rows[item]
    if (row === undefined) throw new HBaseError('ROW_KEY_INVALID', { detail: 'no row was begun' })
    const cell = this.#cell
    cell.family = family
    cell.qualifier = qualifier
    cell.timestamp = timestamp
    cell.value = value
    this.#counts[item] = at(this.#counts, item) + 1
    if (this.#wrong.size > 0 && this.#wrong.has(item)) return
    const wrong = checkCell(cell, false)
    if (wrong !== undefined) {
      this.#wrong.set(item, wrong)
      return
    }
    const size = cellSize(row, cell)
    this.#reserve(size)
    this.#end = putCell(this.#slab, this.#end, row, cell)
    this.#ends[item] = this.#end
    if (size > at(this.#largest, item)) this.#largest[item] = size
  }

  /** Empties it, and keeps its memory for the rows to come. Throws IN_USE. */
  clear(): void {
    this.#checkFree()
    for (const list of [this.#starts, this.#ends, this.#counts, this.#largest]) list.length = 0
    this.#rows.length = 0
    this.#wrong.clear()
    this.#end = 0
  }

  rowOf(item: number): Uint8Array {
    return at(this.#rows, item)
  }

  check(item: number, limits: Limits): number | HBaseErrorCode {
    const wrong = this.#wrong.get(item)
    if (wrong !== undefined) return wrong
    if (this.values(item) === 0) return 'CELL_INVALID'
    if (at(this.#largest, item) > limits.maxCellBytes) return 'CELL_TOO_LARGE'
    const bytes = this.cellBytes(item)
    return bytes > MAX_MUTATION_BYTES ? 'ROW_TOO_LARGE' : bytes
  }

  cellBytes(item: number): number {
    return at(this.#ends, item) - at(this.#starts, item)
  }

  markers(): number {
    return 0
  }

  values(item: number): number {
    return at(this.#counts, item)
  }

  putCells(to: Slab, position: number, item: number): number {
    const [start, end] = [at(this.#starts, item), at(this.#ends, item)]
    return position + this.#slab.bytes.copy(to.bytes, position, start, end)
  }

  hold(): () => void {
    this.#holders++
    return () => {
      this.#holders--
    }
  }

  #reserve(size: number): void {
    const { bytes } = this.#slab
    if (this.#end + size <= bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, this.#end + size))
    bytes.copy(larger, 0, 0, this.#end)
    this.#slab = new Slab(larger)
  }

  #checkFree(): void {
    if (this.#holders > 0) throw new HBaseError('IN_USE')
  }
}

class Blank implements Cell {
  readonly type = KeyType.put
  family: Uint8Array = NOTHING
  qualifier: Uint8Array = NOTHING
  timestamp = 0
  value: Uint8Array = NOTHING
}
