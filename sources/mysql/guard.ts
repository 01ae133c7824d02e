import type { TableSchema } from '../../model/table.ts'
import type { Session } from './client.ts'
import { untilUnlocked } from './locks.ts'
import { literal, qualified, quote, splitName } from './names.ts'
import { knownIds } from './orphans.ts'
import type { Place } from './project.ts'

const PREFIX = 'longhaul_guard'
const OURS = /^longhaul_guard(\d+)$/

/**
 * An empty table with a foreign key to a captured one: the server refuses TRUNCATE and DROP of a table that is
 * pointed at (error 1701), which no trigger sees. Repeating it makes it anew. A partitioned table cannot be
 * pointed at and stays without.
 */
export async function guard(
  session: Session,
  place: Place,
  { name: table, key }: TableSchema,
  sourceId: number,
): Promise<void> {
  if (await isPartitioned(session, table)) return
  const own = place.at(`${PREFIX}${sourceId}`)
  const columns = key.map(quote).join(', ')
  await untilUnlocked(table, async () => {
    await session.run(`DROP TABLE IF EXISTS ${own}`, table)
    // The server copies the types; it takes no foreign key in the same statement
    await session.run(
      `CREATE TABLE ${own} (PRIMARY KEY (${columns})) ENGINE=InnoDB SELECT ${columns} FROM ${qualified(table)} LIMIT 0`,
      table,
    )
    await session.run(
      `ALTER TABLE ${own} ADD FOREIGN KEY (${columns}) REFERENCES ${qualified(table)} (${columns})`,
      table,
    )
  })
}

/** Lets the table of one number go. */
export const unguard = (session: Session, place: Place, sourceId: number): Promise<unknown> =>
  untilUnlocked(`${PREFIX}${sourceId}`, () =>
    session.run(`DROP TABLE IF EXISTS ${place.at(`${PREFIX}${sourceId}`)}`),
  )

/** Drops guards of tables that no project captures: they would refuse TRUNCATE for ever. */
export async function dropOrphanGuards(session: Session, place: Place): Promise<void> {
  const rows = await session.select(`\
SELECT TABLE_NAME FROM information_schema.TABLES
WHERE TABLE_SCHEMA = ${literal(place.client.options.schema)} AND TABLE_NAME LIKE '${PREFIX}%'`)
  if (rows.length === 0) return
  const known = await knownIds(session, place)
  for (const [name] of rows) {
    const sourceId = OURS.exec(name ?? '')?.[1]
    if (sourceId !== undefined && !known.has(sourceId))
      await unguard(session, place, Number(sourceId))
  }
}

export async function isPartitioned(
  session: Pick<Session, 'select'>,
  table: string,
): Promise<boolean> {
  const { database, name } = splitName(table)
  const [row] = await session.select(`\
SELECT CREATE_OPTIONS FROM information_schema.TABLES
WHERE TABLE_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)}`)
  return row?.[0]?.includes('partitioned') ?? false
}
