import { SyncError } from '../../model/errors.ts'
import type { Column, ForeignKey, TableSchema } from '../../model/table.ts'
import type { Session, Texts } from './client.ts'
import { literal, qualified, splitName } from './names.ts'
import { definerOf } from './triggers.ts'
import { sizeOf } from './sizes.ts'
import { kindOf } from './types.ts'

/** The table as the catalog has it now. Throws DATABASE_UNKNOWN or TABLE_UNKNOWN. */
export async function describeTable(session: Session, table: string): Promise<TableSchema> {
  const { database, name } = splitName(table)
  const [columns, keys, foreign] = await Promise.all([
    session.select(columnsOf(database, name), table),
    session.select(uniqueKeysOf(database, name), table),
    session.select(foreignKeysOf(database, name), table),
  ])
  if (columns.length === 0) throw await absent(session, table)
  return {
    name: table,
    columns: columns.map(column),
    key: usableKey(keys),
    foreignKeys: foreignKeys(foreign),
  }
}

/** A table that can be seen without its columns is one the account may not read. */
async function absent(session: Session, table: string): Promise<SyncError> {
  const { database, name } = splitName(table)
  const found = await session.select(
    `SELECT SCHEMA_NAME, CURRENT_USER(), (SELECT COUNT(*) FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)})
FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${literal(database)}`,
  )
  const [, account = '', seen] = found[0] ?? []
  const advice = 'Check the spelling, and that the account may see it'
  if (found.length === 0)
    return new SyncError('DATABASE_UNKNOWN', `${database === '' ? table : database}. ${advice}`)
  if (seen === '0') return new SyncError('TABLE_UNKNOWN', `${table}. ${advice}`)
  return new SyncError(
    'PRIVILEGE_MISSING',
    `${account ?? ''}: It may not read ${table}. Run as an administrator: GRANT SELECT ON ${qualified(table)} TO ${definerOf(account ?? '')}`,
  )
}

const columnsOf = (database: string, name: string): string => `\
SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, CHARACTER_SET_NAME, COLLATION_NAME
FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)}
ORDER BY ORDINAL_POSITION`

function column(row: Texts): Column {
  const [name = '', dataType = '', columnType = ''] = row.map((text) => text ?? '')
  const kind = kindOf(dataType)
  return {
    name,
    kind,
    native: `${columnType}${kind === 'text' ? foreignText(row) : ''}`,
    nullable: row[3] === 'YES',
    large: LARGE.test(dataType),
    ...sizeOf(columnType),
  }
}

/** Keys are compared in the column's own character set; the type alone does not tell it. */
function foreignText([, , , , set, collation]: Texts): string {
  const foreign = set != null && set !== '' && set !== 'utf8mb4'
  return foreign ? ` character set ${set} collate ${collation ?? ''}` : ''
}

const LARGE = /^(tiny|medium|long)?(text|blob)$|^json$|^geom|point$|linestring$|polygon$/

/** Whole columns only: a key over prefixes or expressions does not tell rows apart by their values. */
const uniqueKeysOf = (database: string, name: string): string => `\
SELECT s.INDEX_NAME, s.COLUMN_NAME, s.SUB_PART, c.IS_NULLABLE,
  COALESCE(c.CHARACTER_OCTET_LENGTH, c.NUMERIC_PRECISION, c.DATETIME_PRECISION + 8, 8)
FROM information_schema.STATISTICS s
LEFT JOIN information_schema.COLUMNS c
  ON c.TABLE_SCHEMA = s.TABLE_SCHEMA AND c.TABLE_NAME = s.TABLE_NAME AND c.COLUMN_NAME = s.COLUMN_NAME
WHERE s.TABLE_SCHEMA = ${literal(database)} AND s.TABLE_NAME = ${literal(name)} AND s.NON_UNIQUE = 0
ORDER BY s.INDEX_NAME, s.SEQ_IN_INDEX`

/** The primary key, else the smallest unique key without NULLs; empty when there is neither. */
function usableKey(rows: readonly Texts[]): readonly string[] {
  const keys = new Map<string, UniqueKey>()
  for (const row of rows) {
    const [index = '', name = '', part, nullable, size] = row.map((text) => text ?? '')
    const key = keys.get(index) ?? { columns: [], size: 0, usable: true }
    const whole = part === '' && nullable === 'NO'
    keys.set(index, {
      columns: [...key.columns, name],
      size: key.size + Number(size),
      usable: key.usable && whole,
    })
  }
  const usable = [...keys].filter(([, key]) => key.usable)
  const primary = usable.find(([index]) => index === 'PRIMARY')?.[1]
  return primary?.columns ?? smallest(usable.map(([, key]) => key))
}

const smallest = (keys: UniqueKey[]): readonly string[] =>
  keys.sort((a, b) => a.size - b.size || a.columns.length - b.columns.length)[0]?.columns ?? []

interface UniqueKey {
  readonly columns: readonly string[]
  readonly size: number
  readonly usable: boolean
}

const foreignKeysOf = (database: string, name: string): string => `\
SELECT r.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME,
  r.DELETE_RULE, r.UPDATE_RULE
FROM information_schema.REFERENTIAL_CONSTRAINTS r
JOIN information_schema.KEY_COLUMN_USAGE k
  ON k.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME
  AND k.TABLE_SCHEMA = r.CONSTRAINT_SCHEMA AND k.TABLE_NAME = r.TABLE_NAME
WHERE r.CONSTRAINT_SCHEMA = ${literal(database)} AND r.TABLE_NAME = ${literal(name)}
ORDER BY r.CONSTRAINT_NAME, k.ORDINAL_POSITION`

function foreignKeys(rows: readonly Texts[]): readonly ForeignKey[] {
  const found = new Map<string, ForeignKey & { columns: string[] }>()
  for (const row of rows) {
    const [name = '', column = '', database = '', table = '', onDelete = '', onUpdate = ''] =
      row.map((text) => text ?? '')
    const known = found.get(name)
    if (known !== undefined) known.columns.push(column)
    else
      found.set(name, {
        name,
        columns: [column],
        references: `${database}.${table}`,
        onDelete,
        onUpdate,
      })
  }
  return [...found.values()]
}
