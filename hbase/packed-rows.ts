import { fitting, isRow, isTimestamp } from './check.ts'
import type { Batch } from './batch.ts'
import { HBaseError } from './errors.ts'
import type { HBaseErrorCode } from './errors.ts'
import { Lane } from './packed-lane.ts'
import type { PackedColumn } from './packed-column.ts'
import { PackedRow, wrongMarker, wrongValue } from './packed-row.ts'
import type { Limits } from './check.ts'
import type { Region } from './region.ts'
import { Slab } from './wire/slab.ts'
import { at } from './at.ts'
import { putBytes } from './wire/writer.ts'

const KEY_BYTES = 1 << 14
/** A column's words may reach so far behind it. */
const SPARE = 3
/** Longer values are copied by native code, whose call costs as much as some dozen bytes here. */
const SHORT = 40
const NOTHING = new Uint8Array(0)

/**
 * Values of many rows of one table, packed as they are given into the bytes they take on the wire:
 * for those who write much. No object per cell is made or kept until the answer comes.
 *
 *   const column = new PackedColumn(family, qualifier)
 *   rows.row(key, timestamp); rows.put(column, value); …; await client.mutate(table, rows)
 *
 * Markers are packed as values are: `rows.mark(new PackedColumn(family, qualifier, KeyType.deleteColumn), timestamp)`.
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
  /** Those behind `length` wait to be used again. */
  readonly #rows: PackedRow[] = []
  #length = 0
  /** The one begun last, which takes the values that come. */
  #current: PackedRow | undefined
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
    return this.#length
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
    const item = this.#length++
    const row = (this.#rows[item] ??= new PackedRow())
    row.wrong = isRow(key)
      ? isTimestamp(timestamp)
        ? undefined
        : 'NEGATIVE_TIMESTAMP'
      : 'ROW_KEY_INVALID'
    row.keyStart = this.#keysEnd
    row.keyLength = key.length
    this.#reserve(key.length)
    this.#keysEnd = putBytes(this.#keys.bytes, this.#keysEnd, key)
    const lane = this.#laneOf(isRow(key) ? this.#regionOf(key) : undefined)
    lane.items.push(item)
    this.#current = row
    row.lane = lane
    row.start = row.end = lane.end
    row.markers = row.values = row.largest = 0
    this.#setTime(timestamp)
  }

  /**
   * Adds a value to the row begun last: `value`, or the part of it from `start` to `end`. Throws IN_USE, and
   * ROW_KEY_INVALID when no row was begun, or the one begun last was taken back.
   */
  put(column: PackedColumn, value: Uint8Array, start = 0, end = value.length): void {
    this.#checkFree()
    const row = this.#begun()
    row.values++
    row.wrong ??= wrongValue(column, value, start, end)
    if (row.wrong === undefined) this.#add(column, value, start, end)
  }

  /**
   * Adds a marker to the row begun last, at a time of its own; all of a row's markers come before its values. Such
   * rows are written with `atomic`. Throws as `put` does.
   */
  mark(marker: PackedColumn, timestamp: number): void {
    this.#checkFree()
    const row = this.#begun()
    row.markers++
    row.wrong ??= wrongMarker(row, marker, timestamp)
    if (row.wrong !== undefined) return
    const [high, low] = [this.#timeHigh, this.#timeLow]
    this.#setTime(timestamp)
    this.#add(marker, NOTHING, 0, 0)
    this.#timeHigh = high
    this.#timeLow = low
  }

  /** Takes the row begun last back, and its values. Throws IN_USE. */
  withdraw(): void {
    this.#checkFree()
    const row = this.#rows[this.#length - 1]
    if (row === undefined) return
    this.#length--
    this.#current = undefined
    this.#keysEnd = row.keyStart
    row.lane.items.pop()
    row.lane.end = row.start
  }

  /** Empties it, and keeps its memory for the rows to come. Throws IN_USE. */
  clear(): void {
    this.#checkFree()
    for (const [region, lane] of this.#lanes) {
      // Its region may be gone
      if (lane.items.length === 0) this.#lanes.delete(region)
      lane.clear()
    }
    this.#length = 0
    this.#current = undefined
    this.#keysEnd = 0
  }

  rowLength(item: number): number {
    return at(this.#rows, item).keyLength
  }

  rowOf(item: number): Uint8Array {
    const { keyStart, keyLength } = at(this.#rows, item)
    return this.#keys.bytes.subarray(keyStart, keyStart + keyLength)
  }

  compareRows(a: number, b: number): number {
    const { bytes } = this.#keys
    const [one, other] = [at(this.#rows, a), at(this.#rows, b)]
    const length = Math.min(one.keyLength, other.keyLength)
    for (let i = 0; i < length; i++) {
      const difference = (bytes[one.keyStart + i] ?? 0) - (bytes[other.keyStart + i] ?? 0)
      if (difference !== 0) return difference
    }
    return one.keyLength - other.keyLength
  }

  putRow(to: Slab, position: number, item: number): number {
    return this.#putKey(to, position, at(this.#rows, item))
  }

  check(item: number, limits: Limits): number | HBaseErrorCode {
    const { wrong, markers, values, largest, start, end } = at(this.#rows, item)
    if (wrong !== undefined) return wrong
    if (markers + values === 0) return 'CELL_INVALID'
    if (markers > 0 && !limits.atomic) return 'MARKER_NOT_ATOMIC'
    if (largest > limits.maxCellBytes) return 'CELL_TOO_LARGE'
    return fitting(end - start)
  }

  cellBytes(item: number): number {
    const { start, end } = at(this.#rows, item)
    return end - start
  }

  markers(item: number): number {
    return at(this.#rows, item).markers
  }

  values(item: number): number {
    return at(this.#rows, item).values
  }

  putCells(to: Slab, position: number, items: readonly number[]): number {
    let from: Lane | undefined
    let [start, end] = [0, 0]
    const copy = () => {
      if (from !== undefined) position += from.slab.bytes.copy(to.bytes, position, start, end)
    }
    // Not by entries(): those make an array for every row.
    for (let i = 0; i < items.length; i++) {
      const row = at(this.#rows, at(items, i))
      if (row.lane !== from || row.start !== end) {
        copy()
        from = row.lane
        start = row.start
      }
      end = row.end
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

  #add(column: PackedColumn, value: Uint8Array, start: number, end: number): void {
    const row = this.#begun()
    const { lane, keyLength } = row
    const length = end - start
    const keyPart = 12 + keyLength + column.names
    const size = 12 + keyPart + length
    const { bytes, view } = lane.reserve(size + SPARE)
    const at = lane.end
    view.setInt32(at, 8 + keyPart + length)
    view.setInt32(at + 4, keyPart)
    view.setInt32(at + 8, length)
    view.setInt16(at + 12, keyLength)
    const names = this.#putKey(lane.slab, at + 14, row)
    const from = column.putAt(view, names, this.#timeHigh, this.#timeLow)
    if (length > SHORT) bytes.set(value.subarray(start, end), from)
    else for (let i = 0; i < length; i++) bytes[from + i] = value[start + i] ?? 0
    lane.end = row.end = at + size
    if (size > row.largest) row.largest = size
  }

  #setTime(timestamp: number): void {
    this.#timeHigh = Math.floor(timestamp / 0x100000000)
    this.#timeLow = timestamp >>> 0
  }

  #begun(): PackedRow {
    const row = this.#current
    if (row === undefined) throw new HBaseError('ROW_KEY_INVALID', { detail: 'no row was begun' })
    return row
  }

  #laneOf(region: Region | undefined): Lane {
    let lane = this.#lanes.get(region)
    if (lane === undefined) this.#lanes.set(region, (lane = new Lane()))
    return lane
  }

  #putKey(to: Slab, position: number, { keyStart, keyLength }: PackedRow): number {
    const { bytes, view } = this.#keys
    let i = 0
    for (; i + 3 < keyLength; i += 4) to.view.setInt32(position + i, view.getInt32(keyStart + i))
    for (; i < keyLength; i++) to.bytes[position + i] = bytes[keyStart + i] ?? 0
    return position + keyLength
  }

  #reserve(size: number): void {
    if (this.#keysEnd + size > this.#keys.bytes.length)
      this.#keys = this.#keys.grown(this.#keysEnd, size)
  }

  #checkFree(): void {
    if (this.#holders > 0) throw new HBaseError('IN_USE')
  }
}
