import { UNHELD, type Cell } from '../model/mutation.ts'
import type { Row } from '../model/value.ts'
import type { CarriedColumn } from './columns.ts'

/** The cells a row has; a NULL has none. */
type PresentCells = (columns: readonly CarriedColumn[], row: Row) => Cell[]

/** Chosen once for a table: where no column is encoded, none is asked whether it is. */
export const presentCellsOf = (columns: readonly CarriedColumn[]): PresentCells =>
  columns.every(({ encode }) => encode === null) ? plainCells : encodedCells

/** The values as they stand. */
function plainCells(columns: readonly CarriedColumn[], row: Row): Cell[] {
  const cells: Cell[] = []
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as CarriedColumn
    const value = row[column.position]
    if (value != null) cells.push({ column: column.stored, value })
  }
  return cells
}

function encodedCells(columns: readonly CarriedColumn[], row: Row): Cell[] {
  const cells: Cell[] = []
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as CarriedColumn
    const value = row[column.position]
    if (value != null) cells.push({ column: column.stored, value: encoded(column, value) })
  }
  return cells
}

const encoded = ({ encode }: CarriedColumn, value: Uint8Array): Uint8Array =>
  encode === null ? value : (encode(value) ?? UNHELD)
