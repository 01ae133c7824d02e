// The hot path of reading: a Multi of hundreds of gets is written into one buffer of the right size.
//   MultiRequest  1* RegionAction   RegionAction  1 region, 3* Action
//   Action        1 index, 3 Get    Get           1 row, 2* Column, 5 time range, 6 versions
// The gets of one request differ in nothing but index and row.
import type { BufferPool } from './buffers.ts'
import { Get } from './wire/messages.ts'
import type { GetOptions } from './types.ts'
import { HEADROOM } from './call.ts'
import type { Part } from './parcel.ts'
import type { Request } from './call.ts'
import { at } from './at.ts'
import { encodeSelection } from './selection.ts'
import { putBytes, putVarint, varintSize } from './wire/writer.ts'

/** What all gets of an operation have in common, encoded once. */
export const encodeGetOptions = (options: GetOptions): Buffer =>
  Get.encode(encodeSelection(options))

/** Encodes parts as one Multi into a buffer of the pool, which the caller gives back. */
export function encodeGets(
  parts: readonly Part[],
  rows: readonly Uint8Array[],
  options: Buffer,
  buffers: BufferPool,
): Request {
  const sizes = parts.map((part) => partSize(part, rows, options))
  const length = sizes.reduce((sum, size) => sum + 1 + varintSize(size) + size, HEADROOM)
  const bytes = buffers.take(length)
  let end = HEADROOM
  parts.forEach(({ region, items }, i) => {
    bytes[end++] = 0x0a
    end = putVarint(bytes, end, at(sizes, i))
    bytes[end++] = 0x0a
    end = putVarint(bytes, end, region.specifier.length)
    end = putBytes(bytes, end, region.specifier)
    for (let index = 0; index < items.length; index++) {
      const row = at(rows, at(items, index))
      const get = getSize(row, options)
      bytes[end++] = 0x1a
      end = putVarint(bytes, end, actionSize(index, get))
      bytes[end++] = 0x08
      end = putVarint(bytes, end, index)
      bytes[end++] = 0x1a
      end = putVarint(bytes, end, get)
      bytes[end++] = 0x0a
      end = putVarint(bytes, end, row.length)
      end = putBytes(bytes, end, row)
      end = putBytes(bytes, end, options)
    }
  })
  return { method: 'Multi', bytes, cellsAt: bytes.length }
}

function partSize({ region, items }: Part, rows: readonly Uint8Array[], options: Buffer): number {
  const specifier = region.specifier.length
  let size = 1 + varintSize(specifier) + specifier
  for (let index = 0; index < items.length; index++) {
    const action = actionSize(index, getSize(at(rows, at(items, index)), options))
    size += 1 + varintSize(action) + action
  }
  return size
}

const getSize = (row: Uint8Array, options: Buffer): number =>
  1 + varintSize(row.length) + row.length + options.length

const actionSize = (index: number, get: number): number =>
  2 + varintSize(index) + varintSize(get) + get
