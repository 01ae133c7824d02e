import { UNHELD, type RowMutation, type StoredColumn } from '../model/mutation.ts'

/** HBase counts the length of a row in a signed 16-bit number, and has no empty row. */
export const MAX_ROW_BYTES = 32_767

/** `hbase.server.keyvalue.maxsize` as HBase ships it. */
export const DEFAULT_MAX_CELL_BYTES = 10 * 1024 * 1024

/** Lengths, timestamp and type around a cell's parts, as the server counts them. */
const CELL_OVERHEAD = 24

/**
 * Why no HBase can ever take this mutation, or null. Asked before anything is sent, because one bad cell makes the
 * server refuse every row that came with it. Names lengths and columns, never keys or values.
 */
export function refusal(mutation: RowMutation, maxCellBytes: number): string | null {
  const { row, version, kind } = mutation
  const refused = refusedRow(row.length, version, kind === 'replace' ? 1 : 0)
  if (refused !== null) return refused
  for (const { column, value } of mutation.cells) {
    if (value === UNHELD) return unheld(column)
    const size = cellBytes(row.length, namesBytes(column), value?.length ?? 0)
    if (size > maxCellBytes) return tooLarge(column, size, maxCellBytes)
  }
  return null
}

/** As `refusal`, of the row alone: the length of its key, and a version with markers that are so much older. */
export function refusedRow(rowBytes: number, version: number, older = 0): string | null {
  if (rowBytes === 0) return 'the row key is empty'
  if (rowBytes > MAX_ROW_BYTES)
    return `the row key has ${rowBytes} bytes, more than ${MAX_ROW_BYTES}`
  // Below 0 HBase answers well, and cannot read its log after a crash
  if (!Number.isSafeInteger(version) || version - older < 0)
    return `the version ${version} is not a whole number of milliseconds since 1970`
  return null
}

/** Why a row is refused that has `UNHELD` in this column. */
export const unheld = (column: StoredColumn): string =>
  `${columnName(column)} has a value that its codec cannot hold`

/** Why a row is refused that has a cell of this size. */
export const tooLarge = (column: StoredColumn, size: number, maxCellBytes: number): string =>
  `${columnName(column)} needs ${size} bytes, more than ${maxCellBytes}`

/** What the server counts. */
export const cellBytes = (row: number, names: number, value: number): number =>
  CELL_OVERHEAD + row + names + value

const namesBytes = ({ family, qualifier }: StoredColumn): number => family.length + qualifier.length

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

const columnName = (column: StoredColumn): string =>
  `${utf8.decode(column.family)}:${utf8.decode(column.qualifier)}`
