import type { DeadLetter } from '../../model/change.ts'
import { SyncError } from '../../model/errors.ts'
import type { KeyText } from '../../model/value.ts'
import type { Session, Texts } from './client.ts'
import { chunked } from './names.ts'
import { activeOf, captured, textBytes, type Place } from './project.ts'

/** Rows in one statement. */
const AT_ONCE = 1_000

/** Keeps rows that could not be loaded; once each, with the latest reason. */
export async function bury(
  session: Session,
  place: Place,
  dead: readonly DeadLetter[],
): Promise<void> {
  if (dead.length === 0) return
  const sources = await sourceIds(session, place)
  for (const some of chunked(dead, AT_ONCE)) {
    const values = some.map(
      ({ table, key, reason }) =>
        `(${sources(table)}, ${textBytes(key)}, ${textBytes(reason.slice(0, 1000))}, UTC_TIMESTAMP(6))`,
    )
    await session.run(`\
INSERT INTO ${place.at('longhaul_dead')} (source_id, key_field, reason, time_field)
VALUES ${values.join(', ')} ON DUPLICATE KEY UPDATE reason = VALUES(reason)`)
  }
}

export async function deadLetters(place: Place, limit: number): Promise<readonly DeadLetter[]> {
  const tables = new Map(
    (await captured(place.client, place)).map(({ sourceId, table }) => [String(sourceId), table]),
  )
  const rows = await place.client.select(`\
SELECT source_id, key_field, reason FROM ${place.at('longhaul_dead')}
WHERE source_id IN (${[...tables.keys()].join(', ')}) ORDER BY time_field, source_id, key_field LIMIT ${limit}`)
  return rows.map(([source, key, reason]: Texts) => ({
    table: tables.get(source ?? '') ?? '',
    key: key ?? '',
    reason: reason ?? '',
  }))
}

/** Forgets the dead letters of these keys. */
export async function clearDead(
  session: Session,
  place: Place,
  sourceId: number,
  keys: readonly KeyText[],
): Promise<void> {
  await session.run(`\
DELETE FROM ${place.at('longhaul_dead')}
WHERE source_id = ${sourceId} AND key_field IN (${keys.map(textBytes).join(', ')})`)
}

/** The number of a captured table; throws TABLE_UNKNOWN for another. */
export async function sourceIds(
  session: Session,
  place: Place,
): Promise<(table: string) => number> {
  const rows = await captured(session, place)
  return (table) => {
    const row = activeOf(rows, table)
    if (row === undefined)
      throw new SyncError('TABLE_UNKNOWN', `${table} is not captured for ${place.project}`)
    return row.sourceId
  }
}
