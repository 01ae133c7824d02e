import type { Session } from './client.ts'
import { dropOrphanGuards } from './guard.ts'
import { holdInstallLock, untilUnlocked } from './locks.ts'
import { keptMode } from './log/index.ts'
import { literal, quote } from './names.ts'
import { orphanTriggers, triggersOnLog } from './orphans.ts'
import { foundTriggers, isAbsent, sourceRows, textBytes, type Place } from './project.ts'
import { dropShared, SHARED_OBJECTS, TRIAL_TABLES } from './tables.ts'
import { dropTrigger } from './triggers.ts'

/** Log rows forgotten in one transaction. */
const FORGOTTEN_AT_ONCE = 5_000

/** Drops what belongs to the project. Returns the names of what is still there, found by reading the catalog. */
export const remove = (place: Place): Promise<readonly string[]> =>
  place.client.dedicated(async (session) => {
    const { schema } = place.client.options
    await holdInstallLock(session, schema)
    await session.run('SET lock_wait_timeout = 2')
    const rows = await sourceRows(session, place).catch((error: unknown) => {
      if (isAbsent(error)) return []
      throw error
    })
    const sources = rows.map((row) => row.sourceId)
    const orphans = await orphanTriggers(session, place, sources)
    const triggers = [...new Set([...rows.flatMap((row) => Object.keys(row.hashes)), ...orphans])]
    // Triggers first: a trigger without its log fails every write of the application
    for (const name of triggers) await dropOne(session, name)
    const left = (await foundTriggers(session, triggers)).map(({ name }) => name)
    if (left.length > 0) return left
    const known = await forget(session, place, sources)
    // After what they guard is forgotten: an attempt that ends in between leaves orphans, and those are found
    await dropOrphanGuards(session, place)
    return [...known, ...(await dropSchema(session, place))]
  })

/** Asked for by name, because the catalog hides a trigger from an account that may not drop it. */
export async function dropOne(session: Session, name: string): Promise<void> {
  try {
    await untilUnlocked(name, () => session.run(dropTrigger(name), name))
  } catch (error) {
    if (!isAbsent(error)) throw error
  }
}

/** Takes the project out of our tables. Returns those that still know it. */
async function forget(
  session: Session,
  place: Place,
  sources: readonly number[],
): Promise<readonly string[]> {
  const known = await session
    .select(
      `SELECT unit_id FROM ${place.at('longhaul_unit')} WHERE project = ${textBytes(place.project)}`,
    )
    .catch((error: unknown) => {
      if (isAbsent(error)) return []
      throw error
    })
  const unit = known[0]?.[0]
  if (unit === undefined || unit === null) return []
  if (sources.length > 0) {
    await forgetLog(session, place, sources)
    const ours = `source_id IN (${sources.join(', ')})`
    await session.run(`DELETE FROM ${place.at('longhaul_dead')} WHERE ${ours}`)
    await session.run(`DELETE FROM ${place.at('longhaul_source')} WHERE ${ours}`)
  }
  await session.run(`DELETE FROM ${place.at('longhaul_lease')} WHERE unit_id = ${unit}`)
  await session.run(`DELETE FROM ${place.at('longhaul_unit')} WHERE unit_id = ${unit}`)
  return await knowing(session, place, unit, sources)
}

/** By number, found without locks: a scan that deletes would wait for every open transaction of other projects. */
async function forgetLog(
  session: Session,
  place: Place,
  sources: readonly number[],
): Promise<void> {
  const log = place.at('longhaul_log')
  const mode = await keptMode(session, place.client.options.schema)
  for (;;) {
    const rows = await session.select(`\
SELECT ver FROM ${log} WHERE source_id IN (${sources.join(', ')}) LIMIT ${FORGOTTEN_AT_ONCE}`)
    await mode.forget(session, log, rows.flat())
    if (rows.length < FORGOTTEN_AT_ONCE) return
  }
}

async function knowing(
  session: Session,
  place: Place,
  unit: string,
  sources: readonly number[],
): Promise<readonly string[]> {
  const ours = `source_id IN (${[-1, ...sources].join(', ')})`
  const rows = await session.select(`\
SELECT 'longhaul_log' FROM DUAL WHERE EXISTS (SELECT 1 FROM ${place.at('longhaul_log')} WHERE ${ours})
UNION ALL SELECT 'longhaul_dead' FROM DUAL WHERE EXISTS (SELECT 1 FROM ${place.at('longhaul_dead')} WHERE ${ours})
UNION ALL SELECT 'longhaul_source' FROM DUAL WHERE EXISTS (SELECT 1 FROM ${place.at('longhaul_source')} WHERE unit_id = ${unit})
UNION ALL SELECT 'longhaul_lease' FROM DUAL WHERE EXISTS (SELECT 1 FROM ${place.at('longhaul_lease')} WHERE unit_id = ${unit})
UNION ALL SELECT 'longhaul_unit' FROM DUAL WHERE EXISTS (SELECT 1 FROM ${place.at('longhaul_unit')} WHERE unit_id = ${unit})`)
  return rows.map(([name]) => `${place.client.options.schema}.${name ?? ''}`)
}

/** After the last project the shared objects go too, and the schema when nobody else put anything into it. */
export async function dropSchema(session: Session, place: Place): Promise<readonly string[]> {
  const { schema } = place.client.options
  if (await othersLeft(session, place)) return []
  await dropTrial(session, place)
  // Copied under a name nobody could know: they would fail every write from now on
  const writing = await triggersOnLog(session, place)
  if (writing.length > 0) return writing
  for (const object of [...SHARED_OBJECTS].reverse())
    await session.run(dropShared(object, schema), `${schema}.${object}`).catch((error: unknown) => {
      if (!isAbsent(error)) throw error
    })
  const tables = await session.select(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(schema)}`,
  )
  if (tables.length === 0) await session.run(`DROP DATABASE IF EXISTS ${quote(schema)}`, schema)
  const left = await session.select(`\
SELECT TABLE_NAME FROM information_schema.TABLES
WHERE TABLE_SCHEMA = ${literal(schema)} AND TABLE_NAME IN (${SHARED_OBJECTS.map(literal).join(', ')})`)
  return left.map(([name]) => `${schema}.${name ?? ''}`)
}

/** Drops what a measurement that was cut off has left. */
export async function dropTrial(session: Session, place: Place): Promise<void> {
  for (const name of TRIAL_TABLES)
    await session.run(`DROP TABLE IF EXISTS ${place.at(name)}`).catch((error: unknown) => {
      if (!isAbsent(error)) throw error
    })
}

async function othersLeft(session: Session, place: Place): Promise<boolean> {
  try {
    const rows = await session.select(`SELECT 1 FROM ${place.at('longhaul_unit')} LIMIT 1`)
    return rows.length > 0
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}
