import { SyncError } from '../../model/errors.ts'
import type { Client, Session } from './client.ts'
import { literal, splitName } from './names.ts'

/** What tells a table that was emptied without triggers from one that was not. */
export interface Identity {
  /** When its definition was last rewritten; a rebuild moves it, TRUNCATE does not. */
  readonly created: string
  /** InnoDB's numbers of the table or of its partitions, by their names; TRUNCATE gives new ones, and so does a rebuild. */
  readonly ids: Readonly<Record<string, string>>
}

/** The identities of tables; null when the account may not ask for them, which takes PROCESS. */
export async function identitiesOf(
  client: Pick<Client, 'mariadb'>,
  session: Session,
  tables: readonly string[],
): Promise<ReadonlyMap<string, Identity> | null> {
  if (tables.length === 0) return new Map()
  const catalog = client.mariadb ? 'INNODB_SYS_TABLES' : 'INNODB_TABLES'
  const numbered = `SELECT NAME, TABLE_ID FROM information_schema.${catalog} WHERE ${tables.map(stored).join(' OR ')}`
  try {
    for (;;) {
      // A table that is rebuilt between the two would have one of each
      const before = await created(session, tables)
      const rows = await session.select(numbered)
      const after = await created(session, tables)
      if (JSON.stringify([...before]) !== JSON.stringify([...after])) continue
      return new Map(
        tables.map((table) => {
          const own = rows.filter(([name]) => matches(table).test(name ?? ''))
          const ids = Object.fromEntries(own.map(([name, id]) => [name ?? '', id ?? '']))
          return [table, { created: after.get(table) ?? '', ids }]
        }),
      )
    }
  } catch (error) {
    if (error instanceof SyncError && error.code === 'PRIVILEGE_MISSING') return null
    throw error
  }
}

/** Whether rows may have gone without a trigger between two looks at a table. */
export function wasEmptied(then: Identity, now: Identity): boolean {
  // A table that is not there, or has another name, is told by others
  if (Object.keys(now.ids).length === 0) return false
  const names = Object.keys(then.ids)
  if (names.some((name) => now.ids[name] === undefined)) return true
  return then.created === now.created && names.some((name) => now.ids[name] !== then.ids[name])
}

async function created(
  session: Session,
  tables: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await session.select(`\
SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME), CREATE_TIME FROM information_schema.TABLES
WHERE ${tables
    .map(splitName)
    .map(
      ({ database, name }) =>
        `(TABLE_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)})`,
    )
    .join(' OR ')}`)
  return new Map(rows.map(([table, time]) => [table ?? '', time ?? '']))
}

/** The rows of one table in InnoDB's catalog, and perhaps some of tables with other letters: see `pattern`. */
const stored = (table: string): string => {
  const { database, name } = splitName(table)
  const path = `${pattern(database)}/${pattern(name)}`
  return `NAME LIKE ${literal(path)} OR NAME LIKE ${literal(`${path}#p#%`)} OR NAME LIKE ${literal(`${path}#P#%`)}`
}

/**
 * A name as InnoDB files it: `a-b` is `a@002db`. Letters beyond ASCII have codes of their own there, so each
 * stands for anything: a number too many is watched at worst.
 */
const pattern = (name: string): string => coded(name, '%').replaceAll('_', '\\_')

const matches = (table: string): RegExp => {
  const { database, name } = splitName(table)
  return new RegExp(`^${coded(database, '.*')}/${coded(name, '.*')}(#p#.*)?$`, 'i')
}

const coded = (name: string, any: string): string =>
  name.replaceAll(/[^\w]/g, (letter) => {
    const code = letter.charCodeAt(0)
    return code < 128 ? `@${code.toString(16).padStart(4, '0')}` : any
  })
