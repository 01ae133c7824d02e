import { UNHELD, type Cell, type RowMutation } from '../model/mutation.ts'

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
  if (row.length === 0) return 'the row key is empty'
  if (row.length > MAX_ROW_BYTES)
    return `the row key has ${row.length} bytes, more than ${MAX_ROW_BYTES}`
  // The markers of a replace are one older. Below 0 HBase answers well, and cannot read its log after a crash
  const oldest = kind === 'replace' ? version - 1 : version
  if (!Number.isSafeInteger(version) || oldest < 0)
    return `the version ${version} is not a whole number of milliseconds since 1970`

  for (const cell of mutation.cells) {
    if (cell.value === UNHELD) return `${columnName(cell)} has a value that its codec cannot hold`
    const size = cellBytes(row.length, cell)
    if (size > maxCellBytes)
      return `${columnName(cell)} needs ${size} bytes, more than ${maxCellBytes}`
  }
  return null
}

const cellBytes = (rowBytes: number, { column, value }: Cell): number =>
  CELL_OVERHEAD +
  rowBytes +
  column.family.length +
  column.qualifier.length +
  (value === null ? 0 : value.length)

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

const columnName = ({ column }: Cell): string =>
  `${utf8.decode(column.family)}:${utf8.decode(column.qualifier)}`
