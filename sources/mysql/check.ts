import type { Finding } from '../../model/finding.ts'
import type { Column, TableSchema } from '../../model/table.ts'
import { cascadePaths, parentOf, type Unfollowed } from './cascade-paths.ts'
import type { Client } from './client.ts'
import { isGranted } from './grants.ts'
import { isPartitioned } from './guard.ts'
import { wrongMode } from './log/index.ts'
import { literal, splitName } from './names.ts'
import { grantsOfAccount, missingPrivileges, variables } from './privileges.ts'
import { replicaFindings } from './replication.ts'
import { mayBeKey } from './types.ts'

/** Bytes a key may have in the log. */
const KEY_BYTES = 3_000

/** What stands in the way of migrating these tables, and what capture will not see. Touches nothing. */
export async function check(
  client: Client,
  tables: readonly TableSchema[],
): Promise<readonly Finding[]> {
  const settings = await variables(client)
  const grants = await grantsOfAccount(client)
  const noticed = isGranted(grants, { privilege: 'PROCESS', database: '*', table: '*' })
  const above = new Set<string>()
  // MySQL 9.7 can be told to run triggers for what a foreign key cascades
  const cascadesSeen =
    settings.get('enable_cascade_triggers') === 'ON' &&
    settings.get('innodb_native_foreign_keys') === 'OFF'
  const found = await Promise.all(
    tables.map(async (table) => {
      const kind = await wrongKind(client, table)
      // Of a view nothing else is worth saying
      if (kind.some(({ code }) => code === 'TABLE_UNKNOWN')) return kind
      const { followed, unfollowed } = await cascadePaths(client, table.name, grants)
      for (const path of followed) above.add(parentOf(path))
      return [
        ...kind,
        ...wrongKey(table),
        ...wrongTypes(table),
        ...(cascadesSeen ? [] : unfollowed.map((one) => cascade(table, one))),
        ...(await truncation(client, table, noticed)),
      ]
    }),
  )
  return [
    ...found.flat(),
    ...(await replicaFindings(client, settings)),
    ...(await wrongMode(client)),
    ...(await missingPrivileges(client, tables, [...above])),
  ]
}

async function wrongKind(
  client: Client,
  { name: table }: TableSchema,
): Promise<readonly Finding[]> {
  const { database, name } = splitName(table)
  const [row] = await client.select(
    `SELECT TABLE_TYPE, ENGINE FROM information_schema.TABLES
WHERE TABLE_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)}`,
    table,
  )
  const [type, engine] = row ?? []
  if (type !== 'BASE TABLE' && type !== 'SYSTEM VERSIONED')
    return [
      blocking('TABLE_UNKNOWN', table, 'It is a view or not there; name the tables behind it'),
    ]
  if (engine?.toLowerCase() === 'innodb') return []
  const text = `Its engine is ${engine ?? 'unknown'}: a change that is taken back would stay in the log`
  return [blocking('ENGINE_UNSUPPORTED', table, `${text}. ALTER TABLE it to InnoDB`)]
}

function wrongKey(table: TableSchema): readonly Finding[] {
  if (table.key.length === 0) {
    const text = 'It has neither a primary key nor a unique key of whole NOT NULL columns; add one'
    return [blocking('KEY_MISSING', table.name, text)]
  }
  const columns = table.columns.filter((column) => table.key.includes(column.name))
  const wrong = columns
    .filter(({ kind }) => !mayBeKey(kind))
    .map(({ name, native }) =>
      blocking(
        'KEY_UNSUPPORTED',
        `${table.name}.${name}`,
        `${native} has no one exact text to be found by; use another type in the key`,
      ),
    )
  const bytes = columns.reduce((sum, column) => sum + longestComponent(column) + 1, -1)
  if (wrong.length > 0 || bytes <= KEY_BYTES) return wrong
  const text = `Its key may be ${bytes} bytes long, the log holds ${KEY_BYTES}; use shorter columns in the key`
  return [blocking('KEY_UNSUPPORTED', table.name, text)]
}

/** The most bytes a component may take: up to four for a character, two hex digits for a byte. */
function longestComponent({ kind, native }: Column): number {
  const length = Number(/\((\d+)/.exec(native)?.[1] ?? 64)
  if (kind === 'text') return length * (native.includes('character set') ? 3 : 4)
  if (kind === 'bytes') return length * 2
  return kind === 'decimal' ? length + 2 : 40
}

const wrongTypes = ({ name: table, columns }: TableSchema): readonly Finding[] =>
  columns
    .filter(({ kind }) => kind === 'unsupported')
    .map(({ name, native }) =>
      blocking(
        'TYPE_UNSUPPORTED',
        `${table}.${name}`,
        `${native} cannot be carried; list the column under exclude`,
      ),
    )

const cascade = (
  { name: table }: TableSchema,
  { reference: { name, parent, onDelete, onUpdate }, because }: Unfollowed,
): Finding =>
  blocking(
    'CASCADE_UNSEEN',
    table,
    `The foreign key ${name} to ${parent} says ON DELETE ${onDelete}, ON UPDATE ${onUpdate}, and not all it does ` +
      `can be followed: ${because}. Mend that, change the foreign key to RESTRICT, or accept CASCADE_UNSEEN when nobody deletes or renumbers there`,
  )

async function truncation(
  client: Client,
  { name }: TableSchema,
  noticed: boolean,
): Promise<readonly Finding[]> {
  const refused = client.options.truncate === 'refuse'
  if (refused && !(await isPartitioned(client, name))) return []
  const text = [
    'TRUNCATE runs no trigger: let nobody use it on this table while it is migrated; DELETE is seen',
    ...(refused ? ['The server cannot be made to refuse it: the table is partitioned'] : []),
    ...(noticed
      ? []
      : ['It would not even be noticed: GRANT PROCESS ON *.* to the account for that']),
  ].join('. ')
  return [{ code: 'TRUNCATE_UNSEEN', about: name, text, blocks: false }]
}

const blocking = (code: Finding['code'], about: string, text: string): Finding => ({
  code,
  about,
  text,
  blocks: true,
})
