import type { Cell, StoredCell, StoredRow } from '../model/mutation.ts'
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
  let size = 4 + row.length
  for (const cell of cells) for (const part of partsOf(cell)) size += 4 + part.length

  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = 0
  const append = (part: Uint8Array): void => {
    view.setUint32(at, part.length)
    bytes.set(part, at + 4)
    at += 4 + part.length
  }
  append(row)
  for (const cell of cells) for (const part of partsOf(cell)) append(part)
  return bytes
}

const NOTHING = new Uint8Array(0)

const partsOf = (cell: Cell | StoredCell): readonly [Uint8Array, Uint8Array, Uint8Array] => {
  const { family, qualifier } = 'column' in cell ? cell.column : cell
  return [family, qualifier, cell.value ?? NOTHING]
}
