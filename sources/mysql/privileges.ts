import { SyncError } from '../../model/errors.ts'
import type { Finding } from '../../model/finding.ts'
import type { TableSchema } from '../../model/table.ts'
import type { Client, Session } from './client.ts'
import { isGranted, parseGrants, type Grant, type Need } from './grants.ts'
import { modeOf } from './log/index.ts'
import { qualified, quote, splitName } from './names.ts'
import { definerOf } from './triggers.ts'

/** What our own tables and their upkeep take. */
const ON_SCHEMA = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'CREATE VIEW']

/** What the connected account may do. */
export const grantsOfAccount = async (session: Session): Promise<readonly Grant[]> =>
  parseGrants((await session.select('SHOW GRANTS')).map(([line]) => line ?? ''))

/**
 * What the account lacks, one finding each, with the statement that grants it. `above` are the tables whose
 * cascades reach these: a separate definer must be able to look from there too.
 */
export async function missingPrivileges(
  client: Client,
  tables: readonly TableSchema[],
  above: readonly string[],
): Promise<readonly Finding[]> {
  const { schema, definer } = client.options
  const [row] = await client.select('SELECT CURRENT_USER()')
  const account = row?.[0] ?? client.options.user
  const grants = await grantsOfAccount(client)
  const own = definer === undefined || definer === account
  const needs = [
    ...tables.flatMap(({ name }) => onTable(name)),
    ...(client.options.truncate === 'refuse' ? tables.map(({ name }) => reference(name)) : []),
    ...ON_SCHEMA.map((privilege) => ({ privilege, database: schema, table: '*' })),
  ]
  return [
    ...lacking(account, grants, needs),
    ...trust(account, grants, await variables(client)),
    ...(own
      ? []
      : [...mayBorrow(client, account, grants), ...(await ofDefiner(client, tables, above))]),
  ]
}

/** LOCK TABLES can be granted for a whole database only. */
function onTable(table: string): readonly Need[] {
  const { database, name } = splitName(table)
  return [
    { privilege: 'SELECT', database, table: name },
    { privilege: 'TRIGGER', database, table: name },
    { privilege: 'LOCK TABLES', database, table: '*' },
  ]
}

/** What it takes to point at a table. */
const reference = (table: string): Need => {
  const { database, name } = splitName(table)
  return { privilege: 'REFERENCES', database, table: name }
}

const lacking = (
  account: string,
  grants: readonly Grant[],
  needs: readonly Need[],
): readonly Finding[] =>
  needs
    .filter((need) => !isGranted(grants, need))
    .map(({ privilege, database, table }) => {
      const place = table === '*' ? `${quote(database)}.*` : qualified(`${database}.${table}`)
      return missing(account, `GRANT ${privilege} ON ${place} TO ${definerOf(account)}`)
    })

const missing = (account: string, statement: string): Finding => ({
  code: 'PRIVILEGE_MISSING',
  about: account,
  text: `It lacks a privilege. Run as an administrator: ${statement}`,
  blocks: true,
})

/** With a binary log and without trust only SUPER may create triggers; else CREATE TRIGGER ends in error 1419. */
function trust(
  account: string,
  grants: readonly Grant[],
  settings: ReadonlyMap<string, string>,
): readonly Finding[] {
  const everywhere = { privilege: 'SUPER', database: '*', table: '*' }
  const free =
    settings.get('log_bin') !== 'ON' || settings.get('log_bin_trust_function_creators') === 'ON'
  if (free || isGranted(grants, everywhere)) return []
  return [
    {
      code: 'TRIGGERS_NOT_TRUSTED',
      about: account,
      text:
        'The server writes a binary log and then trusts no account but an administrator with triggers. ' +
        'Run as an administrator: SET GLOBAL log_bin_trust_function_creators = 1 (and keep it in the configuration)',
      blocks: true,
    },
  ]
}

/** Triggers that run as somebody else need the right to say so; it has had three names. */
function mayBorrow(client: Client, account: string, grants: readonly Grant[]): readonly Finding[] {
  const names = client.mariadb ? ['SET USER', 'SUPER'] : ['SET_ANY_DEFINER', 'SET_USER_ID', 'SUPER']
  const everywhere = { database: '*', table: '*' }
  if (names.some((privilege) => isGranted(grants, { privilege, ...everywhere }))) return []
  return [missing(account, `GRANT ${names[0] ?? ''} ON *.* TO ${definerOf(account)}`)]
}

/** A definer that is gone fails every write of the application (error 1449), one without rights too (1142). */
async function ofDefiner(
  client: Client,
  tables: readonly TableSchema[],
  above: readonly string[],
): Promise<readonly Finding[]> {
  const { definer = '', schema } = client.options
  const lines = await grantsOf(client, definerOf(definer))
  if (lines === 'unknown') return []
  if (lines === 'absent')
    return [
      {
        code: 'DEFINER_MISSING',
        about: definer,
        text: `There is no such account. Run as an administrator: CREATE USER ${definerOf(definer)} ACCOUNT LOCK`,
        blocks: true,
      },
    ]
  const needs = [
    ...[...tables.map(({ name }) => name), ...above]
      .flatMap(onTable)
      .filter((need) => need.table !== '*'),
    ...modeOf(client).privileges.map((privilege) => ({
      privilege,
      database: schema,
      table: 'longhaul_log',
    })),
  ]
  return lacking(definer, parseGrants(lines), needs)
}

/** Not every account may look at another; then the first CREATE TRIGGER tells. */
async function grantsOf(
  client: Client,
  account: string,
): Promise<readonly string[] | 'absent' | 'unknown'> {
  try {
    return (await client.select(`SHOW GRANTS FOR ${account}`)).map(([line]) => line ?? '')
  } catch (error) {
    return error instanceof SyncError && error.code === 'DEFINER_MISSING' ? 'absent' : 'unknown'
  }
}

/** Settings of the server that decide what triggers may do and see. */
export async function variables(client: Client): Promise<ReadonlyMap<string, string>> {
  const rows = await client.select(`\
SHOW VARIABLES WHERE Variable_name IN ('log_bin', 'log_bin_trust_function_creators',
  'enable_cascade_triggers', 'innodb_native_foreign_keys', 'read_only')`)
  return new Map(rows.map(([name, value]) => [name ?? '', value ?? '']))
}
