import { COMPARISONS, binaryComparator, nullComparator } from './filters.ts'
import type { ColumnValue, ConditionValue } from './wire/mutation-messages.ts'
import type { Cell } from './types.ts'
import type { Comparison } from './filters.ts'
import { HBaseError } from './errors.ts'
import { KeyType } from './types.ts'
import { cellSize } from './wire/cellblock.ts'

export interface IncrementColumn {
  readonly family: string
  readonly qualifier: Uint8Array
  /** What is added to the 64-bit number in the column; a missing one counts as 0. */
  readonly by: number | bigint
}

export interface AppendColumn {
  readonly family: string
  readonly qualifier: Uint8Array
  /** What is put behind the bytes in the column. */
  readonly value: Uint8Array
}

/** A change of one row, made only if one column is as it should be. */
export interface CheckedMutation {
  readonly row: Uint8Array
  readonly if: {
    readonly family: string
    readonly qualifier: Uint8Array
    /** The stored value on the left, the given one on the right; `absent` for a column that is not there. */
    readonly is: Comparison | 'absent'
    /** Left out with `absent`. */
    readonly value?: Uint8Array
    /** Only versions with from <= timestamp < to are looked at. */
    readonly timeRange?: { readonly from: number; readonly to: number }
  }
  /** Values, markers, or both; they become visible together. */
  readonly cells: readonly Cell[]
}

const MAX_FAMILY_BYTES = 127
const INT64 = 1n << 63n

export interface Place {
  readonly table: string
  readonly row: Uint8Array
  readonly maxCellBytes: number
}

/** Throws FAMILY_INVALID, CELL_INVALID, CELL_TOO_LARGE. */
export function encodeColumns(
  columns: readonly (IncrementColumn | AppendColumn)[],
  { table, row, maxCellBytes }: Place,
): ColumnValue[] {
  if (columns.length === 0) throw new HBaseError('CELL_INVALID', { table, detail: 'no columns' })
  return columns.map((column) => {
    const { qualifier } = column
    const family = familyOf(column.family, table)
    const value = 'by' in column ? int64(column.by, table) : column.value
    const cell = { type: KeyType.put, family, qualifier, value, timestamp: 0 }
    if (cellSize(row, cell) > maxCellBytes) throw new HBaseError('CELL_TOO_LARGE', { table })
    return { family, values: [{ qualifier, value }] }
  })
}

export function encodeCondition(
  { row, if: condition }: CheckedMutation,
  table: string,
): ConditionValue {
  const { family, qualifier, is, value, timeRange } = condition
  if ((is === 'absent') !== (value === undefined)) {
    throw new HBaseError('CELL_INVALID', { table, detail: 'a value to compare with, or "absent"' })
  }
  return {
    row,
    family: familyOf(family, table),
    qualifier,
    comparison: COMPARISONS.indexOf(is === 'absent' ? '=' : MIRRORED[is]),
    comparator: value === undefined ? nullComparator : binaryComparator(value),
    timeRange,
  }
}

/** Here HBase has the given value on the left, unlike in filters (HRegion.matches). */
const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '<': '>',
  '<=': '>=',
  '=': '=',
  '!=': '!=',
  '>=': '<=',
  '>': '<',
}

function familyOf(name: string, table: string): Buffer {
  const bytes = Buffer.from(name)
  if (bytes.length >= 1 && bytes.length <= MAX_FAMILY_BYTES) return bytes
  throw new HBaseError('FAMILY_INVALID', { table })
}

function int64(by: number | bigint, table: string): Buffer {
  const whole = typeof by === 'bigint' || Number.isSafeInteger(by)
  if (!whole || BigInt(by) >= INT64 || BigInt(by) < -INT64) {
    throw new HBaseError('CELL_INVALID', {
      table,
      detail: 'an increment is a whole number of 64 bits',
    })
  }
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(by))
  return bytes
}
