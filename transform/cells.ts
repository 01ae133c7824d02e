import type { Cell } from '../model/mutation.ts'
import type { Row } from '../model/value.ts'
import type { CarriedColumn } from './columns.ts'

/** The cells a row has: the values as they stand; a NULL has none. */
export function presentCells(columns: readonly CarriedColumn[], row: Row): Cell[] {
  const cells: Cell[] = []
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as CarriedColumn
    const value = row[column.position]
    if (value != null) cells.push({ column: column.stored, value })
  }
  return cells
}

/** The cells an update writes: all but large ones that did not change; a NULL is a cell of null, which removes it. */
export function updatedCells(
  columns: readonly CarriedColumn[],
  row: Row,
  changed: ReadonlySet<string> | null,
): Cell[] {
  const cells: Cell[] = []
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as CarriedColumn
    if (column.large && changed !== null && !changed.has(column.name)) continue
    cells.push({ column: column.stored, value: row[column.position] ?? null })
  }
  return cells
}
