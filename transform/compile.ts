import { SyncError } from '../model/errors.ts'
import { keyOfRow } from '../model/key.ts'
import type { FamilyMapping, Mapping } from '../model/mapping.ts'
import type { RowKey } from '../model/mutation.ts'
import type { TableSchema } from '../model/table.ts'
import type { Row } from '../model/value.ts'
import { presentCellsOf } from './cells.ts'
import { carriedColumns, carriedTable } from './columns.ts'
import { rowKeys } from './row-key.ts'
import type { Transform } from './transform.ts'
import { keyWriter, visitsOf } from './visit.ts'

/** Works out once what is the same for every row. `described` is the anchor as the catalog has it, excluded columns included. */
export function compile(mapping: Mapping, described: TableSchema): Transform {
  const family = onlyFamily(mapping, described)
  const table = carriedTable(family, described)
  const columns = carriedColumns(family, table)
  const key = keyOfRow(table)
  const present = presentCellsOf(columns)
  const keys = rowKeys(mapping.rowKey, table)

  const slow = (row: Row): RowKey => keys.encode(key(row))
  const visits = visitsOf(columns, keyWriter(table, keys, slow))

  const expectColumns = (count: number): void => {
    // Rows read with other columns than these would put values into the wrong cells
    if (count !== table.columns.length)
      throw new SyncError('VALUE_UNREADABLE', `${table.name} has rows of ${count} columns`)
  }
  const rowOf = (row: Row): RowKey => {
    expectColumns(row.length)
    return slow(row)
  }
  return {
    target: mapping.target,
    table,
    families: [family.family],
    key,
    rowKey: (text) => keys.encode(text),
    keyOf: (row) => keys.decode(row),
    columns: columns.map(({ stored }) => stored),
    visit(page, visitor) {
      expectColumns(page.columns)
      visits.page(page, visitor)
    },
    expected: (row) => ({ row: rowOf(row), cells: present(columns, row) }),
    replace(place, visitor) {
      expectColumns(place.page.columns)
      visits.replace(place, visitor)
    },
    update(place, changed, visitor) {
      expectColumns(place.page.columns)
      visits.update(place, changed, visitor)
    },
    remove(text, visitor) {
      const row = keys.encode(text)
      visitor.remove(row, 0, row.length)
    },
    splits: (sampled) => keys.splits(sampled),
  }
}

/** The base transform: one table, one family. */
function onlyFamily(mapping: Mapping, table: TableSchema): FamilyMapping {
  const [family, ...others] = mapping.families
  if (family === undefined) throw invalid(mapping, 'has no family')
  if (others.length > 0 || family.path.length > 0)
    throw invalid(mapping, 'embeds other tables, which is not supported yet; map one family')
  if (family.table !== mapping.anchor)
    throw invalid(mapping, `fills ${family.family} from ${family.table}, not from its anchor`)
  if (table.name !== mapping.anchor)
    throw invalid(mapping, `is about ${mapping.anchor}, but was given ${table.name}`)
  refuseFamilyName(mapping, family.family)
  return family
}

/** What HBase takes as the name of a family: it becomes a folder of its file system. */
function refuseFamilyName(mapping: Mapping, name: string): void {
  const bytes = new TextEncoder().encode(name).length
  const usable = /^[^.:/\p{Cc}][^:/\p{Cc}]*$/u.test(name) && name !== 'recovered.edits'
  if (!usable || bytes > 127)
    throw invalid(mapping, `has a family named "${name}", which HBase does not take`)
}

const invalid = (mapping: Mapping, what: string): SyncError =>
  new SyncError('CONFIG_INVALID', `the mapping to ${mapping.target} ${what}`)
