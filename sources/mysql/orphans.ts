import type { Session } from './client.ts'
import { literal, quote } from './names.ts'
import { isAbsent, type Place, type SourceRow } from './project.ts'

/** Tools that swap tables copy the triggers too, and put something behind their names. */
const OURS = /\.longhaul(\d+)_(?:a[iud]|b[ud]\d+)(?:_.*)?$/

/**
 * Triggers of ours that write into this log and that no other project knows: their catalog was lost, or they are
 * copies. Without the log each of them fails every write of the application, so whoever is released takes them along.
 */
export async function orphanTriggers(
  session: Session,
  place: Place,
  own: readonly number[],
): Promise<readonly string[]> {
  const known = await knownIds(session, place)
  const others = new Set([...known].filter((id) => !own.includes(Number(id))))
  return (await triggersOnLog(session, place)).filter((name) => {
    const id = OURS.exec(name)?.[1]
    return id !== undefined && !others.has(id)
  })
}

/** Those of one captured table under other names than ours. */
export const copiesOf = async (
  session: Session,
  place: Place,
  { sourceId, hashes }: SourceRow,
): Promise<readonly string[]> =>
  (await triggersOnLog(session, place)).filter(
    (name) => OURS.exec(name)?.[1] === String(sourceId) && hashes[name] === undefined,
  )

/** Every trigger that writes into this log, whatever its name. */
export async function triggersOnLog(session: Session, place: Place): Promise<readonly string[]> {
  const log = `${quote(place.client.options.schema)}.longhaul_log`
  const rows = await session.select(`\
SELECT TRIGGER_SCHEMA, TRIGGER_NAME FROM information_schema.TRIGGERS
WHERE LOCATE(${literal(`${log} `)}, ACTION_STATEMENT) > 0 OR LOCATE(${literal(`${log}(`)}, ACTION_STATEMENT) > 0`)
  return rows.map(([database, name]) => `${database ?? ''}.${name ?? ''}`)
}

/** The numbers of all captured tables, of any project. */
export async function knownIds(session: Session, place: Place): Promise<ReadonlySet<string>> {
  try {
    const rows = await session.select(`SELECT source_id FROM ${place.at('longhaul_source')}`)
    return new Set(rows.map(([id]) => id ?? ''))
  } catch (error) {
    if (isAbsent(error)) return new Set()
    throw error
  }
}
