// The hot path: a Multi of thousands of cells is written into one buffer of the right size.
//   MultiRequest  1* RegionAction      RegionAction   1 region, 2 atomic, 3* Action
//   Action        1 index, 2 mutation  MutationProto  1 row, 2 type, 8 number of cells
// The cells follow after the message, in the order of the mutations.
import { HEADROOM } from './call.ts'
import type { BufferPool } from './buffers.ts'
import type { Batch } from './batch.ts'
import type { Part } from './parcel.ts'
import type { Request } from './call.ts'
import { putBytes, putVarint, varintSize } from './wire/writer.ts'
import { Slab } from './wire/slab.ts'
import { at } from './at.ts'

const PUT = 2
const DELETE = 3

/** Encodes parts as one Multi into a buffer of the pool, which the caller gives back. */
export function encodeWrites(
  parts: readonly Part[],
  batch: Batch,
  atomic: boolean,
  buffers: BufferPool,
): Request {
  const sizes = parts.map((part) => partSize(part, batch, atomic))
  let parameter = 0
  let cells = 0
  for (const { message, cells: inPart } of sizes) {
    parameter += 1 + varintSize(message) + message
    cells += inPart
  }
  const cellsAt = HEADROOM + parameter
  const bytes = buffers.take(cellsAt + cells)
  const slab = new Slab(bytes)
  let end = HEADROOM
  let cellEnd = cellsAt
  parts.forEach(({ region, items }, i) => {
    bytes[end++] = 0x0a
    end = putVarint(bytes, end, at(sizes, i).message)
    bytes[end++] = 0x0a
    end = putVarint(bytes, end, region.specifier.length)
    end = putBytes(bytes, end, region.specifier)
    if (atomic) {
      bytes[end++] = 0x10
      bytes[end++] = 1
    }
    for (let index = 0; index < items.length; index++) {
      const item = at(items, index)
      const markers = batch.markers(item)
      const values = batch.values(item)
      // A row with markers and values is two actions; one atomic RegionAction makes them one change.
      if (markers > 0)
        end = putAction(slab, end, batch, { index, item, type: DELETE, count: markers })
      if (values > 0) end = putAction(slab, end, batch, { index, item, type: PUT, count: values })
    }
    cellEnd = batch.putCells(slab, cellEnd, items)
  })
  return { method: 'Multi', bytes, cellsAt }
}

function partSize({ region, items }: Part, batch: Batch, atomic: boolean) {
  const specifier = region.specifier.length
  let message = 1 + varintSize(specifier) + specifier + (atomic ? 2 : 0)
  let cells = 0
  // Not by entries(): those make an array for every row.
  for (let index = 0; index < items.length; index++) {
    const item = at(items, index)
    const row = batch.rowLength(item)
    const markers = batch.markers(item)
    const values = batch.values(item)
    if (markers > 0) message += actionSize(index, row, markers)
    if (values > 0) message += actionSize(index, row, values)
    cells += batch.cellBytes(item)
  }
  return { message, cells }
}

interface Action {
  readonly index: number
  readonly item: number
  readonly type: number
  readonly count: number
}

function putAction(to: Slab, at: number, batch: Batch, action: Action): number {
  const { bytes } = to
  const { index, item, type, count } = action
  const row = batch.rowLength(item)
  const mutation = mutationSize(row, count)
  bytes[at++] = 0x1a
  at = putVarint(bytes, at, 2 + varintSize(index) + varintSize(mutation) + mutation)
  bytes[at++] = 0x08
  at = putVarint(bytes, at, index)
  bytes[at++] = 0x12
  at = putVarint(bytes, at, mutation)
  bytes[at++] = 0x0a
  at = putVarint(bytes, at, row)
  at = batch.putRow(to, at, item)
  bytes[at++] = 0x10
  bytes[at++] = type
  bytes[at++] = 0x40
  return putVarint(bytes, at, count)
}

const mutationSize = (row: number, count: number): number =>
  1 + varintSize(row) + row + 2 + 1 + varintSize(count)

function actionSize(index: number, row: number, count: number): number {
  const mutation = mutationSize(row, count)
  const action = 2 + varintSize(index) + varintSize(mutation) + mutation
  return 1 + varintSize(action) + action
}
