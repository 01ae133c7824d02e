import type { Session } from './client.ts'
import { literal, quote } from './names.ts'
import { isAbsent, type Place } from './project.ts'

const OURS = /^longhaul(\d+)_(?:a[iud]|b[ud]\d+)$/

/**
 * Triggers of ours that write into this log and that no project knows: their catalog was lost. While the log is
 * gone too, each of them fails every write of the application, so whoever is released takes them along.
 */
export async function orphanTriggers(session: Session, place: Place): Promise<readonly string[]> {
  const { schema } = place.client.options
  const log = `${quote(schema)}.longhaul_log`
  const rows = await session.select(`\
SELECT TRIGGER_SCHEMA, TRIGGER_NAME FROM information_schema.TRIGGERS
WHERE TRIGGER_NAME LIKE 'longhaul%' AND
  (LOCATE(${literal(`${log} `)}, ACTION_STATEMENT) > 0 OR LOCATE(${literal(`${log}(`)}, ACTION_STATEMENT) > 0)`)
  const known = await knownIds(session, place)
  return rows.flatMap(([database, name]) => {
    const id = OURS.exec(name ?? '')?.[1]
    return id === undefined || known.has(id) ? [] : [`${database ?? ''}.${name ?? ''}`]
  })
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
