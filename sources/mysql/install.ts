import { SyncError } from '../../model/errors.ts'
import type { TableSchema } from '../../model/table.ts'
import { wordsFor } from '../sql/mask.ts'
import { cascadePaths } from './cascade-paths.ts'
import { cascadeTriggers } from './cascades.ts'
import type { Session } from './client.ts'
import { damagedTriggers, emptied, fingerprint } from './damage.ts'
import { guard } from './guard.ts'
import { identitiesOf } from './identity.ts'
import { holdInstallLock, untilUnlocked } from './locks.ts'
import { expectMode, modeOf } from './log/index.ts'
import { literal } from './names.ts'
import { grantsOfAccount } from './privileges.ts'
import {
  activeOf,
  foundTriggers,
  namesOf,
  sourceRows,
  textBytes,
  type Place,
  type SourceRow,
} from './project.ts'
import { createSchema, createShared, MOST_WORDS, SHARED_OBJECTS } from './tables.ts'
import {
  createTrigger,
  definerOf,
  dropTrigger,
  triggersOf,
  TRIGGER_SESSION,
  type Trigger,
} from './triggers.ts'

/** Creates what is missing. A trigger that was in place once and is not now is not mended: see below. */
export const install = (place: Place, tables: readonly TableSchema[]): Promise<void> =>
  place.client.dedicated(async (session) => {
    const { schema } = place.client.options
    await holdInstallLock(session, schema)
    await session.run(TRIGGER_SESSION)
    await createObjects(session, place)
    await expectMode(session, place.client)
    await widenLog(session, place, Math.max(1, ...tables.map(neededWords)))
    await session.run(`INSERT IGNORE INTO ${place.at('longhaul_unit')} (project)
VALUES (${textBytes(place.project)})`)
    await session.run(`INSERT IGNORE INTO ${place.at('longhaul_lease')}
SELECT unit_id, 0, '', UTC_TIMESTAMP(3) FROM ${place.at('longhaul_unit')} WHERE project = ${textBytes(place.project)}`)
    const known = await sourceRows(session, place)
    for (const table of tables) {
      const row = activeOf(known, table.name)
      if (row?.state === 'installed') await verifyInstalled(session, place, row, table)
      else await capture(session, place, table, row)
    }
  })

/**
 * Mending a trigger would hide that changes went by unlogged while it was away,
 * so this is the end of the capture: only loading again proves that nothing is missing.
 */
async function verifyInstalled(
  session: Session,
  place: Place,
  row: SourceRow,
  table: TableSchema,
): Promise<void> {
  const damaged = await damagedTriggers(session, row)
  if (damaged.length > 0) throw lostTo(damaged)
  const unseen = table.columns.find((column) => !row.bits.includes(column.name))
  if (unseen !== undefined || table.key.join() !== row.key.join())
    throw changed(table.name, unseen === undefined ? 'another key' : `the column ${unseen.name}`)
  const gone = await emptied(place, session, [row])
  if (gone.length > 0) throw lostTo(gone.map(({ what }) => what))
}

export const changed = (table: string, what: string): SyncError =>
  new SyncError(
    'SCHEMA_CHANGED',
    `${table} has ${what} since. Release the project and start it over`,
  )

const lostTo = (damaged: readonly string[]): SyncError =>
  new SyncError('CAPTURE_LOST', `${damaged.join(', ')}. Release the project and start it over`)

/** Creates what all projects share, as far as it is missing. */
export async function createObjects(session: Session, place: Place): Promise<void> {
  const { schema } = place.client.options
  const found = await session.select(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(schema)}`,
  )
  const names = new Set(found.map(([name]) => name))
  const missing = SHARED_OBJECTS.filter((object) => !names.has(object))
  if (missing.length === 0) return
  const [exists] = await session.select(
    `SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${literal(schema)}`,
  )
  if (exists === undefined) await session.run(createSchema(schema), schema)
  for (const object of missing)
    await session.run(createShared(object, schema, modeOf(place.client)), `${schema}.${object}`)
}

export const neededWords = (table: TableSchema): number =>
  Math.min(MOST_WORDS, wordsFor(table.columns.length))

/** Adds mask words for a wider table than any before. */
export async function widenLog(session: Session, place: Place, needed: number): Promise<void> {
  const [row] = await session.select(`\
SELECT COUNT(*) FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = ${literal(place.client.options.schema)} AND TABLE_NAME = 'longhaul_log' AND COLUMN_NAME LIKE 'ucn%'`)
  const present = Number(row?.[0] ?? 0)
  if (present >= needed) return
  const added = Array.from(
    { length: needed - present },
    (_, i) => `ADD COLUMN ucn${present + i} BIGINT UNSIGNED NOT NULL DEFAULT 0`,
  )
  const log = place.at('longhaul_log')
  await untilUnlocked('longhaul_log', () =>
    session.run(`ALTER TABLE ${log} ${added.join(', ')}`, 'longhaul_log'),
  )
}

/** Captures one table, or ends what an earlier attempt began. */
export async function capture(
  session: Session,
  place: Place,
  table: TableSchema,
  begun: SourceRow | undefined,
): Promise<void> {
  const bits = table.columns.map((column) => column.name)
  const words = neededWords(table)
  const { schema } = place.client.options
  const mode = modeOf(place.client)
  // What cannot be followed has been found by the check, and accepted
  const { followed } = await cascadePaths(session, table.name, await grantsOfAccount(session))
  const triggersFor = (sourceId: number): readonly Trigger[] => [
    ...triggersOf({ sourceId, table, bits, words }, schema, mode),
    ...cascadeTriggers({ sourceId, table }, followed, schema, mode),
  ]
  const sourceId = begun?.sourceId ?? (await newSource(session, place, table, triggersFor))
  const triggers = triggersFor(sourceId)
  const hashes = Object.fromEntries(triggers.map((trigger) => [trigger.name, fingerprint(trigger)]))
  await session.run(`UPDATE ${place.at('longhaul_source')} SET
  key_spec = ${textBytes(JSON.stringify(table.key))}, column_bits = ${textBytes(JSON.stringify(bits))},
  words = ${words}, trigger_hashes = ${textBytes(JSON.stringify(hashes))}
WHERE source_id = ${sourceId}`)
  await createTriggers(session, triggers, definerOf(place.client.options.definer))
  if (place.client.options.truncate === 'refuse') await guard(session, place, table, sourceId)
  // The load begins later, so whatever empties the table before this look is not missed
  const identity = (await identitiesOf(place.client, session, [table.name]))?.get(table.name)
  await session.run(`UPDATE ${place.at('longhaul_source')} SET installed = 1,
  identity = ${identity === undefined ? 'NULL' : textBytes(JSON.stringify(identity))}
WHERE source_id = ${sourceId}`)
}

/** A number whose trigger names are free: a log in another schema counts for itself. */
async function newSource(
  session: Session,
  place: Place,
  table: TableSchema,
  triggersFor: (sourceId: number) => readonly Trigger[],
): Promise<number> {
  for (;;) {
    const { id } = await session.run(`INSERT INTO ${place.at('longhaul_source')}
  (unit_id, table_name, key_spec, column_bits, words, trigger_hashes)
VALUES (${place.unit}, ${textBytes(table.name)}, '[]', '[]', 1, '{}')`)
    const taken = await foundTriggers(session, namesOf(triggersFor(id)))
    if (taken.length === 0) return id
    await session.run(`DELETE FROM ${place.at('longhaul_source')} WHERE source_id = ${id}`)
  }
}

/**
 * Each CREATE TRIGGER waits for the transactions that have used the table without it: when the last one
 * returns, no change can be committed any more that none of them saw.
 */
async function createTriggers(
  session: Session,
  triggers: readonly Trigger[],
  definer: string,
): Promise<void> {
  const found = new Map(
    (await foundTriggers(session, namesOf(triggers))).map((trigger) => [
      trigger.name,
      fingerprint(trigger),
    ]),
  )
  for (const trigger of triggers) {
    const present = found.get(trigger.name)
    if (present === fingerprint(trigger)) continue
    await untilUnlocked(trigger.table, async () => {
      if (present !== undefined) await session.run(dropTrigger(trigger.name), trigger.table)
      await session.run(createTrigger(trigger, definer), trigger.table)
    })
  }
}
