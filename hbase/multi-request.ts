// The hot path: a Multi of thousands of cells is written into one buffer of the right size.
//   MultiRequest  1* RegionAction      RegionAction   1 region, 2 atomic, 3* Action
//   Action        1 index, 2 mutation  MutationProto  1 row, 2 type, 8 number of cells
// The cells follow after the message, in the order of the mutations.
import { HEADROOM } from './call.ts'
import type { BufferPool } from './buffers.ts'
import { KeyType } from './types.ts'
import type { Mutation } from './types.ts'
import type { Part } from './parcel.ts'
import type { Request } from './call.ts'
import { cellSize, putCell } from './wire/cellblock.ts'
import { putBytes, putVarint, varintSize } from './wire/writer.ts'
import { at } from './at.ts'

const PUT = 2
const DELETE = 3

/** Encodes parts as one Multi into a buffer of the pool, which the caller gives back. */
export function encodeWrites(
  parts: readonly Part[],
  mutations: readonly Mutation[],
  atomic: boolean,
  buffers: BufferPool,
): Request {
  const sizes = parts.map((part) => partSize(part, mutations, atomic))
  let parameter = 0
  let cells = 0
  for (const { message, cells: inPart } of sizes) {
    parameter += 1 + varintSize(message) + message
    cells += inPart
  }
  const cellsAt = HEADROOM + parameter
  const bytes = buffers.take(cellsAt + cells)
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
      const mutation = at(mutations, at(items, index))
      end = putActions(bytes, end, index, mutation)
      cellEnd = putCells(bytes, cellEnd, mutation)
    }
  })
  return { method: 'Multi', bytes, cellsAt }
}

function partSize({ region, items }: Part, mutations: readonly Mutation[], atomic: boolean) {
  const specifier = region.specifier.length
  let message = 1 + varintSize(specifier) + specifier + (atomic ? 2 : 0)
  let cells = 0
  // Not by entries(): those make an array for every row.
  for (let index = 0; index < items.length; index++) {
    const { row, cells: ofRow } = at(mutations, at(items, index))
    const markers = countMarkers(ofRow)
    const puts = ofRow.length - markers
    if (markers > 0) message += actionSize(index, row.length, markers)
    if (puts > 0) message += actionSize(index, row.length, puts)
    for (const cell of ofRow) cells += cellSize(row, cell)
  }
  return { message, cells }
}

/** A row with markers and values is two actions; one atomic RegionAction makes them one change. */
function putActions(bytes: Buffer, at: number, index: number, { row, cells }: Mutation): number {
  const markers = countMarkers(cells)
  const puts = cells.length - markers
  if (markers > 0) at = putAction(bytes, at, { index, row, type: DELETE, count: markers })
  if (puts > 0) at = putAction(bytes, at, { index, row, type: PUT, count: puts })
  return at
}

interface Action {
  readonly index: number
  readonly row: Uint8Array
  readonly type: number
  readonly count: number
}

function putAction(bytes: Buffer, at: number, { index, row, type, count }: Action): number {
  const mutation = mutationSize(row.length, count)
  bytes[at++] = 0x1a
  at = putVarint(bytes, at, 2 + varintSize(index) + varintSize(mutation) + mutation)
  bytes[at++] = 0x08
  at = putVarint(bytes, at, index)
  bytes[at++] = 0x12
  at = putVarint(bytes, at, mutation)
  bytes[at++] = 0x0a
  at = putVarint(bytes, at, row.length)
  at = putBytes(bytes, at, row)
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

function putCells(bytes: Buffer, at: number, { row, cells }: Mutation): number {
  for (const cell of cells) if (cell.type !== KeyType.put) at = putCell(bytes, at, row, cell)
  for (const cell of cells) if (cell.type === KeyType.put) at = putCell(bytes, at, row, cell)
  return at
}

function countMarkers(cells: Mutation['cells']): number {
  let markers = 0
  for (const cell of cells) if (cell.type !== KeyType.put) markers++
  return markers
}
