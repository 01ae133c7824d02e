import type { Change, DeadLetter, Lag } from '../../model/change.ts'
import { SyncError } from '../../model/errors.ts'
import type { KeyText } from '../../model/value.ts'
import { changedColumns } from '../sql/mask.ts'
import type { Capture } from '../source.ts'
import type { Client, Session, Texts } from './client.ts'
import { compact } from './compact.ts'
import { damage, install } from './install.ts'
import { barrier } from './locks.ts'
import { chunked } from './names.ts'
import { captured, expectOurs, placeOf, textBytes, type Place } from './project.ts'
import { holdsLease, takeToken } from './lease.ts'
import { deleteLogRows, logRows, type LogRow } from './log.ts'
import { remove } from './remove.ts'

/** Rows in one statement. */
const AT_ONCE = 1_000

/** The capture of one project in append mode (capture.md 1.3, 2.1). */
export function openCapture(client: Client, project: string): Capture {
  const place = placeOf(client, project)
  return {
    install: (tables) => install(place, tables),
    remove: () => remove(place),
    damage: () => damage(place),
    token: (owner) => expectOurs(place, () => takeToken(place, owner)),
    read: (limit) => expectOurs(place, () => readLog(place, limit)),
    acknowledge: (token, changes, dead = []) =>
      expectOurs(place, () => acknowledge(place, token, changes, dead)),
    bury: (dead) =>
      expectOurs(place, () => client.transaction((session) => bury(session, place, dead))),
    dead: (limit) => expectOurs(place, () => deadLetters(place, limit)),
    enqueue: (table, keys) => expectOurs(place, () => enqueue(place, table, keys)),
    compact: (token, limit) => expectOurs(place, () => compact(place, token, limit)),
    lag: () => expectOurs(place, () => lag(place)),
    pending: (table, keys) => expectOurs(place, () => pending(place, table, keys)),
    barrier: (tables) =>
      barrier(
        client,
        tables.map(({ name }) => name),
      ),
  }
}

async function readLog(place: Place, limit: number): Promise<readonly Change[]> {
  const rows = await logRows(place, limit)
  // Most rows of a batch share a few masks; one set for each
  const known = new Map<string, ReadonlySet<string> | null>()
  const columns = ({ kind, source, words }: LogRow): ReadonlySet<string> | null => {
    if (kind !== 'update') return null
    const id = `${source.sourceId}:${words.join()}`
    const set = known.get(id) ?? changedColumns(source.bits, words)
    known.set(id, set)
    return set
  }
  return rows.map((row) => ({
    seq: row.seq,
    table: row.source.table,
    kind: row.kind,
    key: row.key,
    columns: columns(row),
  }))
}

const acknowledge = (
  place: Place,
  token: number,
  changes: readonly Change[],
  dead: readonly DeadLetter[],
): Promise<boolean> =>
  place.client.transaction(async (session) => {
    if (!(await holdsLease(session, place, token))) return false
    const numbers = changes.map(({ seq }) => seq).sort((a, b) => (a < b ? -1 : 1))
    for (const some of chunked(numbers, AT_ONCE))
      await session.run(deleteLogRows(place.at('longhaul_log'), some))
    await bury(session, place, dead)
    return true
  })

async function bury(session: Session, place: Place, dead: readonly DeadLetter[]): Promise<void> {
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

async function deadLetters(place: Place, limit: number): Promise<readonly DeadLetter[]> {
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

async function enqueue(place: Place, table: string, keys: readonly KeyText[]): Promise<void> {
  const source = (await sourceIds(place.client, place))(table)
  for (const some of chunked(keys, AT_ONCE)) {
    const rows = some.map((key) => `(${source}, 'R', ${textBytes(key)}, UTC_TIMESTAMP(6))`)
    await place.client.transaction(async (session) => {
      await session.run(`\
INSERT INTO ${place.at('longhaul_log')} (source_id, type_field, key_field, time_field) VALUES ${rows.join(', ')}`)
      await session.run(`\
DELETE FROM ${place.at('longhaul_dead')}
WHERE source_id = ${source} AND key_field IN (${some.map(textBytes).join(', ')})`)
    })
  }
}

async function sourceIds(session: Session, place: Place): Promise<(table: string) => number> {
  const rows = await captured(session, place)
  return (table) => {
    const row = rows.find((source) => source.table === table)
    if (row === undefined)
      throw new SyncError('TABLE_UNKNOWN', `${table} is not captured for ${place.project}`)
    return row.sourceId
  }
}

async function lag(place: Place): Promise<Lag> {
  const sources = (await captured(place.client, place)).map(({ sourceId }) => sourceId).join(', ')
  const [row] = await place.client.select(`\
SELECT COUNT(*), COALESCE(TIMESTAMPDIFF(MICROSECOND, MIN(time_field), UTC_TIMESTAMP(6)), 0) / 1e6,
  (SELECT COUNT(*) FROM ${place.at('longhaul_dead')} WHERE source_id IN (${sources})),
  (SELECT token FROM ${place.at('longhaul_lease')} WHERE unit_id = ${place.unit})
FROM ${place.at('longhaul_log')} WHERE source_id IN (${sources})`)
  const [changes = 0, seconds = 0, dead = 0, token = 0] = (row ?? []).map(Number)
  return { changes, seconds: Math.max(0, seconds), dead, token }
}

async function pending(
  place: Place,
  table: string,
  keys: readonly KeyText[],
): Promise<ReadonlySet<KeyText>> {
  const source = (await sourceIds(place.client, place))(table)
  const found = new Set<KeyText>()
  for (const some of chunked(keys, AT_ONCE)) {
    const rows = await place.client.select(`\
SELECT DISTINCT key_field FROM ${place.at('longhaul_log')}
WHERE source_id = ${source} AND key_field IN (${some.map(textBytes).join(', ')})`)
    for (const [key] of rows) found.add(key ?? '')
  }
  return found
}
