// Cell blocks as `compression: 'gzip'` sends and takes them: one whole gzip member each (RFC 1952), in
// both directions, on every connection whose header names the class below (CellBlockBuilder,
// ServerRpcConnection.setupCellBlockCodecs). Messages and headers are never compressed.
import { promisify } from 'node:util'
import { constants, gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib'
import { HBaseError } from './errors.ts'
import { MAX_FRAME } from './frames.ts'
import type { Reply, Request } from './call.ts'
import type { Compression } from './types.ts'

/** What ConnectionHeader.cell_block_compressor_class says. */
export const COMPRESSORS: Readonly<Record<Compression, string>> = {
  gzip: 'org.apache.hadoop.io.compress.GzipCodec',
}

/** Throws CONFIGURATION. */
export function checkCompression(compression: Compression | undefined): void {
  if (compression === undefined || Object.hasOwn(COMPRESSORS, compression)) return
  throw new HBaseError('CONFIGURATION', { detail: "compression must be 'gzip', or left out" })
}

/** Up to here (half a millisecond) it is done at once; handing it to a thread and back would take as long. */
const SMALL = 1 << 16
// In threads of libuv: a large block would keep everything else of this process waiting.
const deflate = promisify<Buffer, object, Buffer>(gzip)
const inflate = promisify<Buffer, object, Buffer>(gunzip)

/** The request with its cells compressed, in a buffer of its own. */
export async function compressed(request: Request): Promise<Request> {
  const { bytes, cellsAt } = request
  if (cellsAt === bytes.length) return request
  const block = bytes.subarray(cellsAt)
  // The network is what is to be spared, but a level more costs more time than it saves.
  const options = { level: constants.Z_BEST_SPEED, chunkSize: largestOf(block.length) }
  const cells = block.length <= SMALL ? gzipSync(block, options) : await deflate(block, options)
  return { ...request, bytes: Buffer.concat([bytes.subarray(0, cellsAt), cells]) }
}

/**
 * The reply with its cells as they were. A block tells its size in its last four bytes; never more is
 * taken than it says, nor than a frame may have. Throws when it is damaged, or no gzip at all.
 */
export async function decompressed(reply: Reply): Promise<Reply> {
  const { cells: block } = reply
  if (block.length === 0) return reply
  const size = block.readUInt32LE(block.length - 4)
  if (size > MAX_FRAME || size > block.length * MOST_TIMES) {
    throw new RangeError(`a cell block of ${block.length} bytes that says it has ${size}`)
  }
  // A byte more than needed, else a second buffer would be begun.
  const options = { chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) }
  const cells = size <= SMALL ? gunzipSync(block, options) : await inflate(block, options)
  if (cells.length !== size) throw new RangeError('a cell block of another size than it says')
  return { ...reply, cells }
}

/** Deflate cannot do better than 258 bytes in two bits. */
const MOST_TIMES = 1032

/** Bytes a block of so many takes when nothing in it can be compressed (deflateBound, about). */
const largestOf = (size: number): number => size + (size >>> 12) + (size >>> 14) + 64
