import { compareBytes } from '../model/bytes.ts'
import { SyncError } from '../model/errors.ts'
import type { FamilyMapping } from '../model/mapping.ts'
import type { StoredColumn } from '../model/mutation.ts'
import { withoutColumns, type TableSchema } from '../model/table.ts'
import { didYouMean } from '../model/nearest.ts'
import type { Encode } from './codecs/codec.ts'
import { layoutsOf } from './layouts.ts'

/** Where one column of the table is kept. */
export interface CarriedColumn {
  readonly name: string
  /** Its position in a row. */
  readonly position: number
  readonly large: boolean
  readonly stored: StoredColumn
  /** From the value read to the value written; null where they are the same. */
  readonly encode: Encode | null
}

const utf8 = new TextEncoder()

/** The columns a family carries; throws for names the table does not have, and for what would lose a key or a column. */
export function carriedTable(family: FamilyMapping, described: TableSchema): TableSchema {
  refuseNames(family, described)
  const table = withoutColumns(described, family.exclude)
  for (const column of table.columns)
    if (column.kind === 'unsupported')
      throw new SyncError(
        'TYPE_UNSUPPORTED',
        `${table.name}.${column.name} is ${column.native}; exclude it`,
      )
  return table
}

function refuseNames({ exclude, rename, codecs = {} }: FamilyMapping, table: TableSchema): void {
  const names = table.columns.map((column) => column.name)
  for (const name of [...exclude, ...Object.keys(rename), ...Object.keys(codecs)])
    if (!names.includes(name))
      throw new SyncError('COLUMN_UNKNOWN', `${table.name}.${name}${didYouMean(name, names)}`)

  for (const name of exclude) {
    if (table.key.includes(name))
      throw invalid(table, name, 'is excluded, but it is part of the key; keep it')
    if (Object.hasOwn(rename, name))
      throw invalid(table, name, 'is both renamed and excluded; choose one')
    if (Object.hasOwn(codecs, name))
      throw invalid(table, name, 'has a codec, but is excluded; choose one')
  }
}

/** The columns in the order of their qualifier's bytes, which is the order HBase gives them back in. */
export function carriedColumns(
  family: FamilyMapping,
  table: TableSchema,
): readonly CarriedColumn[] {
  const layouts = layoutsOf(family, table)
  const familyBytes = utf8.encode(family.family)
  const taken = new Map<string, string>()
  const columns = table.columns.map((column, position): CarriedColumn => {
    const qualifier = qualifierOf(family, column.name)
    if (qualifier === '')
      throw invalid(table, column.name, 'is renamed to an empty qualifier; give it a name')
    const other = taken.get(qualifier)
    if (other !== undefined)
      throw invalid(table, column.name, `and ${other} both become ${family.family}:${qualifier}`)
    taken.set(qualifier, column.name)
    const stored = { family: familyBytes, qualifier: utf8.encode(qualifier) }
    const encode = layouts[position]?.encode ?? null
    return { name: column.name, position, large: column.large, stored, encode }
  })
  return columns.sort((a, b) => compareBytes(a.stored.qualifier, b.stored.qualifier))
}

// A column may be called `constructor`, which every object has
const qualifierOf = (family: FamilyMapping, name: string): string =>
  Object.hasOwn(family.rename, name) ? (family.rename[name] as string) : name

const invalid = (table: TableSchema, column: string, what: string): SyncError =>
  new SyncError('CONFIG_INVALID', `${table.name}.${column} ${what}`)
