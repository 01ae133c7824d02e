// What HBase does not check itself, with bad ends: a negative timestamp is acknowledged and then
// keeps the write-ahead log from being read after a crash; duplicate split keys block the master for
// ever; unsorted ones make regions that overlap; one row out of bounds fails a whole call.
import { HBaseError } from './errors.ts'
import type { HBaseErrorCode } from './errors.ts'
import { KeyType } from './types.ts'
import type { CallOptions, Cell, ClientOptions, Mutation } from './types.ts'
import { cellSize } from './wire/cellblock.ts'

const MAX_ROW_BYTES = 32_767
const MAX_FAMILY_BYTES = 127
/** One mutation cannot be spread over requests, and those end at 256 MB (hbase.ipc.max.request.size). */
const MAX_MUTATION_BYTES = 128 << 20

export interface Limits {
  readonly maxCellBytes: number
  readonly atomic: boolean
}

/** Bytes the cells of a mutation take on the wire, or why it must not be sent. */
export function checkMutation({ row, cells }: Mutation, limits: Limits): number | HBaseErrorCode {
  if (!isRow(row)) return 'ROW_KEY_INVALID'
  // A Delete without cells would delete the whole row.
  if (cells.length === 0) return 'CELL_INVALID'
  let bytes = 0
  for (const cell of cells) {
    const wrong = checkCell(cell, limits.atomic)
    if (wrong !== undefined) return wrong
    const size = cellSize(row, cell)
    if (size > limits.maxCellBytes) return 'CELL_TOO_LARGE'
    bytes += size
  }
  return fitting(bytes)
}

/** The bytes of a mutation's cells, unless they are too many. */
export const fitting = (bytes: number): number | HBaseErrorCode =>
  bytes > MAX_MUTATION_BYTES ? 'ROW_TOO_LARGE' : bytes

function checkCell(cell: Cell, atomic: boolean): HBaseErrorCode | undefined {
  const { type, timestamp, family } = cell
  if (!isTimestamp(timestamp)) return 'NEGATIVE_TIMESTAMP'
  if (!isFamily(family)) return 'FAMILY_INVALID'
  return type === KeyType.put ? undefined : checkMarker(cell, atomic)
}

function checkMarker(cell: Cell, atomic: boolean): HBaseErrorCode | undefined {
  const { type, qualifier, value } = cell
  if (!isMarker(type, qualifier) || value.length > 0) return 'CELL_INVALID'
  return atomic ? undefined : 'MARKER_NOT_ATOMIC'
}

/** Is this the type of a marker, and may it have this qualifier? */
export const isMarker = (type: number, qualifier: Uint8Array): boolean =>
  MARKERS.includes(type) && !(OF_FAMILY.includes(type) && qualifier.length > 0)

const OF_FAMILY: readonly number[] = [KeyType.deleteFamily, KeyType.deleteFamilyVersion]
const MARKERS: readonly number[] = [KeyType.delete, KeyType.deleteColumn, ...OF_FAMILY]

export const isTimestamp = (timestamp: number): boolean =>
  Number.isSafeInteger(timestamp) && timestamp >= 0

export const isFamily = ({ length }: Uint8Array): boolean =>
  length >= 1 && length <= MAX_FAMILY_BYTES

export const isRow = ({ length }: Uint8Array): boolean => length >= 1 && length <= MAX_ROW_BYTES

/** Throws ROW_KEY_INVALID. */
export function checkRow(row: Uint8Array, table: string): void {
  if (isRow(row)) return
  throw new HBaseError('ROW_KEY_INVALID', { table, detail: `${row.length} bytes` })
}

/**
 * A region's name, "table,begin,id.digits.", is a row of hbase:meta itself and as limited; a longer
 * one could be created but never be written down.
 */
const longestBegin = (table: string): number => MAX_ROW_BYTES - Buffer.byteLength(table) - 64

/** Throws ROW_KEY_INVALID for what cannot begin a region. */
export function checkBegin(row: Uint8Array, table: string): void {
  if (row.length >= 1 && row.length <= longestBegin(table)) return
  throw new HBaseError('ROW_KEY_INVALID', {
    table,
    detail: `${row.length} bytes to begin a region`,
  })
}

/** Throws SPLITS_INVALID. */
export function checkSplits(splits: readonly Uint8Array[], table: string): void {
  splits.forEach((key, i) => {
    const before = splits[i - 1]
    const ascending = before === undefined || Buffer.compare(before, key) < 0
    if (ascending && key.length >= 1 && key.length <= longestBegin(table)) return
    throw new HBaseError('SPLITS_INVALID', { table, detail: `split ${i}` })
  })
}

const MAX_PRIORITY = 200

/** A timer of Node that is set for longer goes off at once. */
const MAX_MS = 0x7fffffff

/** Throws CONFIGURATION: a limit that is no number would let everything through. */
export function checkClientOptions(options: ClientOptions): void {
  const { callTimeoutMs, operationTimeoutMs, maxCellBytes } = options
  checkTimes({ callTimeoutMs, operationTimeoutMs })
  if (maxCellBytes === undefined || maxCellBytes > 0) return
  throw new HBaseError('CONFIGURATION', { detail: 'maxCellBytes must be more than 0' })
}

/** A time that is no time would end an operation at once, or never. */
function checkTimes(times: Readonly<Record<string, number | undefined>>): void {
  for (const [name, ms] of Object.entries(times)) {
    if (ms === undefined || (ms > 0 && ms <= MAX_MS)) continue
    const detail = `${name} must be more than 0 and at most ${MAX_MS} (24 days)`
    throw new HBaseError('CONFIGURATION', { detail })
  }
}

/** Throws CONFIGURATION. */
export function checkCallOptions({ deadlineMs, callTimeoutMs, priority }: CallOptions): void {
  checkTimes({ deadlineMs, callTimeoutMs })
  const isRank = priority === undefined || (Number.isInteger(priority) && priority >= 0)
  if (isRank && (priority ?? 0) <= MAX_PRIORITY) return
  throw new HBaseError('CONFIGURATION', { detail: `priority must be 0 to ${MAX_PRIORITY}` })
}
