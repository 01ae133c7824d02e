import { checkMutation } from './check.ts'
import type { HBaseErrorCode } from './errors.ts'
import { KeyType } from './types.ts'
import type { Limits } from './check.ts'
import type { Mutation } from './types.ts'
import type { Region } from './region.ts'
import type { Slab } from './wire/slab.ts'
import { at } from './at.ts'
import { putBytes } from './wire/writer.ts'
import { putCell } from './wire/cellblock.ts'

/** What one call of `mutate` writes: items from 0 to length - 1, each the changes of one row. */
export interface Batch {
  readonly length: number
  rowOf(item: number): Uint8Array
  rowLength(item: number): number
  /** Below 0 where the row key of the first comes before that of the other, 0 where they are the same. */
  compareRows(a: number, b: number): number
  /** Writes its row key, as `putCells` the cells. */
  putRow(to: Slab, at: number, item: number): number
  /** Bytes its cells take on the wire, or why it must not be sent; asked before everything below. */
  check(item: number, limits: Limits): number | HBaseErrorCode
  cellBytes(item: number): number
  markers(item: number): number
  values(item: number): number
  /** Writes the cells of each of these, markers first, and returns the position after them. */
  putCells(to: Slab, at: number, items: readonly number[]): number
  /** All items by the region they were thought to lie in when they were given; ascending in each. */
  presorted?(): Iterable<readonly [Region | undefined, readonly number[]]>
  /** Keeps what it holds as it is until the returned function is called. */
  hold(): () => void
}

/** Mutations as the caller made them, which stay his until `mutate` has settled. */
export class MutationList implements Batch {
  readonly #mutations: readonly Mutation[]
  readonly #bytes: Float64Array
  readonly #markers: Uint32Array

  constructor(mutations: readonly Mutation[]) {
    this.#mutations = mutations
    this.#bytes = new Float64Array(mutations.length)
    this.#markers = new Uint32Array(mutations.length)
  }

  get length(): number {
    return this.#mutations.length
  }

  rowOf(item: number): Uint8Array {
    return at(this.#mutations, item).row
  }

  rowLength(item: number): number {
    return this.rowOf(item).length
  }

  compareRows(a: number, b: number): number {
    return Buffer.compare(this.rowOf(a), this.rowOf(b))
  }

  putRow(to: Slab, position: number, item: number): number {
    return putBytes(to.bytes, position, this.rowOf(item))
  }

  check(item: number, limits: Limits): number | HBaseErrorCode {
    const mutation = at(this.#mutations, item)
    const checked = checkMutation(mutation, limits)
    if (typeof checked !== 'number') return checked
    this.#bytes[item] = checked
    this.#markers[item] = countMarkers(mutation.cells)
    return checked
  }

  cellBytes(item: number): number {
    return this.#bytes[item] ?? 0
  }

  markers(item: number): number {
    return this.#markers[item] ?? 0
  }

  values(item: number): number {
    return at(this.#mutations, item).cells.length - this.markers(item)
  }

  putCells(to: Slab, position: number, items: readonly number[]): number {
    // Not by entries(): those make an array for every row.
    for (let i = 0; i < items.length; i++) position = this.#put(to, position, at(items, i))
    return position
  }

  hold(): () => void {
    return () => {}
  }

  #put(to: Slab, position: number, item: number): number {
    const { row, cells } = at(this.#mutations, item)
    const markers = this.markers(item)
    if (markers > 0)
      for (const cell of cells)
        if (cell.type !== KeyType.put) position = putCell(to, position, row, cell)
    if (markers < cells.length)
      for (const cell of cells)
        if (cell.type === KeyType.put) position = putCell(to, position, row, cell)
    return position
  }
}

function countMarkers(cells: Mutation['cells']): number {
  let markers = 0
  for (const cell of cells) if (cell.type !== KeyType.put) markers++
  return markers
}
