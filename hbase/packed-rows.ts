import { MAX_MUTATION_BYTES, isFamily, isRow, isTimestamp } from './check.ts'
import type { Batch } from './batch.ts'
import { HBaseError } from './errors.ts'
import type { HBaseErrorCode } from './errors.ts'
import { KeyType } from './types.ts'
import { Lane } from './packed-lane.ts'
import type { Limits } from './check.ts'
import type { Region } from './region.ts'
import { Slab } from './wire/slab.ts'
import { at } from './at.ts'
import { putBytes } from './wire/writer.ts'

const KEY_BYTES = 1 << 14

/**
 * Values of many rows of one table, packed as they are given into the bytes they take on the wire:
 * for those who write much. No object per cell is made or kept until the answer comes.
 *
 *   rows.row(key, timestamp); rows.put(family, qualifier, value); …; await client.mutate(table, rows)
 *
 * Keys and values are copied and may be reused at once. While a `mutate` is under way the rows cannot
 * be changed (IN_USE); after it they can be written again, or cleared and filled anew. Made by
 * `HBaseClient.packedRows`.
 */
export class PackedRows implements Batch {
  readonly #regionOf: (row: Uint8Array) => Region | undefined
  /** Rows of one region lie together, so that a request takes them over in one piece. */
  readonly #lanes = new Map<Region | undefined, Lane>()
  #keys = new Slab(Buffer.allocUnsafeSlow(KEY_BYTES))
  #keysEnd = 0
  /** Of each row: where its key begins, how long it is, and where its cells are. */
  readonly #keyAt: number[] = []
  readonly #keyLengths: number[] = []
  readonly #laneOf: Lane[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #counts: number[] = []
  /** Of each row: the bytes of its largest cell. */
  readonly #largest: number[] = []
  readonly #wrong = new Map<number, HBaseErrorCode>()
  #timeHigh = 0
  #timeLow = 0
  #holders = 0

  /** The table they are packed for. */
  readonly table: string

  constructor(table: string, regionOf: (row: Uint8Array) => Region | undefined) {
    this.table = table
    this.#regionOf = regionOf
  }

  /** Rows so far. */
  get length(): number {
    return this.#keyAt.length
  }

  /** Bytes of all cells so far, as they go over the wire. */
  get bytes(): number {
    let bytes = 0
    for (const { end } of this.#lanes.values()) bytes += end
    return bytes
  }

  /**
   * Begins a row: the values that follow are its own, of this time (milliseconds). What HBase would
   * not take fails with its row when that is written. Throws IN_USE.
   */
  row(key: Uint8Array, timestamp: number): void {
    this.#checkFree()
    const isGood = isRow(key)
    if (!isGood) this.#wrong.set(this.length, 'ROW_KEY_INVALID')
    else if (!isTimestamp(timestamp)) this.#wrong.set(this.length, 'NEGATIVE_TIMESTAMP')
    const lane = this.#lane(isGood ? this.#regionOf(key) : undefined)
    lane.items.push(this.length)
    this.#reserve(key.length)
    this.#keyAt.push(this.#keysEnd)
    this.#keyLengths.push(key.length)
    this.#keysEnd = putBytes(this.#keys.bytes, this.#keysEnd, key)
    this.#laneOf.push(lane)
    this.#starts.push(lane.end)
    this.#ends.push(lane.end)
    this.#counts.push(0)
    this.#largest.push(0)
    this.#timeHigh = Math.floor(timestamp / 0x100000000)
    this.#timeLow = timestamp >>> 0
  }

  /** Adds a value to the row begun last. Throws IN_USE, and ROW_KEY_INVALID when no row was begun. */
  put(family: Uint8Array, qualifier: Uint8Array, value: Uint8Array): void {
    this.#checkFree()
    const item = this.#keyAt.length - 1
    if (item < 0) throw new HBaseError('ROW_KEY_INVALID', { detail: 'no row was begun' })
    if (!isFamily(family)) this.#wrong.set(item, this.#wrong.get(item) ?? 'FAMILY_INVALID')
    this.#counts[item] = at(this.#counts, item) + 1
    if (this.#wrong.size > 0 && this.#wrong.has(item)) return
    const lane = at(this.#laneOf, item)
    const keyLength = at(this.#keyLengths, item)
    const keyPart = 12 + keyLength + family.length + qualifier.length
    const size = 12 + keyPart + value.length
    const { bytes, view } = lane.reserve(size)
    let end = lane.end
    view.setInt32(end, 8 + keyPart + value.length)
    view.setInt32(end + 4, keyPart)
    view.setInt32(end + 8, value.length)
    view.setInt16(end + 12, keyLength)
    end = this.#putKey(lane.slab, end + 14, at(this.#keyAt, item), keyLength)
    bytes[end++] = family.length
    end = putBytes(bytes, end, family)
    end = putBytes(bytes, end, qualifier)
    view.setInt32(end, this.#timeHigh)
    view.setInt32(end + 4, this.#timeLow)
    bytes[end + 8] = KeyType.put
    lane.end = putBytes(bytes, end + 9, value)
    this.#ends[item] = lane.end
    if (size > at(this.#largest, item)) this.#largest[item] = size
  }

  /** Empties it, and keeps its memory for the rows to come. Throws IN_USE. */
  clear(): void {
    this.#checkFree()
    for (const [region, lane] of this.#lanes) {
      // Its region may be gone
      if (lane.items.length === 0) this.#lanes.delete(region)
      lane.clear()
    }
    for (const list of [this.#keyAt, this.#keyLengths, this.#starts, this.#ends]) list.length = 0
    for (const list of [this.#laneOf, this.#counts, this.#largest]) list.length = 0
    this.#wrong.clear()
    this.#keysEnd = 0
  }

  rowLength(item: number): number {
    return at(this.#keyLengths, item)
  }

  rowOf(item: number): Uint8Array {
    const start = at(this.#keyAt, item)
    return this.#keys.bytes.subarray(start, start + this.rowLength(item))
  }

  putRow(to: Slab, position: number, item: number): number {
    return this.#putKey(to, position, at(this.#keyAt, item), this.rowLength(item))
  }

  check(item: number, limits: Limits): number | HBaseErrorCode {
    const wrong = this.#wrong.size > 0 ? this.#wrong.get(item) : undefined
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

  putCells(to: Slab, position: number, items: readonly number[]): number {
    let from: Lane | undefined
    let [start, end] = [0, 0]
    const copy = () => {
      if (from !== undefined) position += from.slab.bytes.copy(to.bytes, position, start, end)
    }
    // Not by entries(): those make an array for every row.
    for (let i = 0; i < items.length; i++) {
      const item = at(items, i)
      const lane = at(this.#laneOf, item)
      if (lane !== from || at(this.#starts, item) !== end) {
        copy()
        from = lane
        start = at(this.#starts, item)
      }
      end = at(this.#ends, item)
    }
    copy()
    return position
  }

  *presorted(): Iterable<readonly [Region | undefined, readonly number[]]> {
    for (const [region, { items }] of this.#lanes) if (items.length > 0) yield [region, items]
  }

  hold(): () => void {
    this.#holders++
    return () => {
      this.#holders--
    }
  }

  #lane(region: Region | undefined): Lane {
    let lane = this.#lanes.get(region)
    if (lane === undefined) this.#lanes.set(region, (lane = new Lane()))
    return lane
  }

  #putKey(to: Slab, position: number, from: number, length: number): number {
    const { bytes, view } = this.#keys
    let i = 0
    for (; i + 3 < length; i += 4) to.view.setInt32(position + i, view.getInt32(from + i))
    for (; i < length; i++) to.bytes[position + i] = bytes[from + i] ?? 0
    return position + length
  }

  #reserve(size: number): void {
    if (this.#keysEnd + size > this.#keys.bytes.length)
      this.#keys = this.#keys.grown(this.#keysEnd, size)
  }

  #checkFree(): void {
    if (this.#holders > 0) throw new HBaseError('IN_USE')
  }
}
