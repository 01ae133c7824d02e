import { createHash } from 'node:crypto'
import type { KeyText } from '../../../model/value.ts'
import type { Session } from '../client.ts'
import { bury, clearDead } from '../dead.ts'
import { holdsLease } from '../lease.ts'
import { chunked } from '../names.ts'
import { textBytes, type Place } from '../project.ts'
import { forEachKey } from './each.ts'
import type { LogMode, LogTarget } from './mode.ts'
import { deleteByNumber } from './rows.ts'

/** Log rows touched in one transaction: so few that a writer hardly ever waits for us (capture.md 1.5). */
const AT_ONCE = 50

/** Numbers looked up or forgotten in one statement. */
const NUMBERS_AT_ONCE = 1_000

/**
 * The triggers fold: a key has at most two log rows at all times, slot 0 for what became of the whole row
 * (N, D or R), slot 1 for columns that changed (U) (capture.md 1.4). A row that is written over gets a fresh
 * number, so that whoever read it before cannot acknowledge what came after. The key's digest stands in the
 * clustered primary key, because a second unique index costs deadlocks. Writers of the same key meet in its log row.
 */
export const dedupe: LogMode = {
  name: 'dedupe',
  privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],

  definition: (words) => `\
  source_id SMALLINT UNSIGNED NOT NULL,
  key_hash BINARY(32) NOT NULL,
  slot TINYINT UNSIGNED NOT NULL,
  ver BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  type_field CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  key_field VARBINARY(3000) NOT NULL,
  time_field DATETIME(6) NOT NULL,
${words}  re_field TINYINT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (source_id, key_hash, slot),
  KEY k_ver (ver)`,

  inserted: (to, key) => block('kn', key, whole(to, 'N', 'kn')),
  deleted: (to, key) => block('ko', key, `${whole(to, 'D', 'ko')}\n${purge(to)}`),
  moved: (to) => `${whole(to, 'D', 'ko')}\n${purge(to)}\n${whole(to, 'N', 'kn')}`,
  updated({ log, sourceId }, words) {
    const names = words.map((word) => `ucn${word}`)
    const values = words.map((word) => `u${word}`)
    const folded = names.map((name) => `${name} = ${name} | VALUES(${name})`)
    return `INSERT INTO ${log} (${COLUMNS}, ${names.join(', ')}) VALUES
  (${sourceId}, ${hashOf('kn')}, 1, 'U', kn, UTC_TIMESTAMP(6), ${values.join(', ')})
ON DUPLICATE KEY UPDATE ver = VALUES(ver), time_field = VALUES(time_field),
  ${folded.join(', ')};`
  },

  /** An update logged for a row that goes stays beside the deletion: two rows, which say the same as the deletion alone. */
  reached: (to, type, key, query) =>
    forEachKey(key, query, `${upsert(to, wholeRow(to, type, 'kc', hashOf('kc')))};`),

  /** In several transactions, each under the lease: what was forgotten before it was lost had been applied. */
  async acknowledge(place, token, numbers, dead) {
    const batches = chunked(await located(place, numbers), AT_ONCE)
    for (const [index, some] of (batches.length === 0 ? [[]] : batches).entries()) {
      const held = await place.client.transaction(async (session) => {
        if (!(await holdsLease(session, place, token))) return false
        // Before any of their log rows goes
        if (index === 0) await bury(session, place, dead)
        await deleteUnlocked(session, place.at('longhaul_log'), some)
        return true
      })
      if (!held) return false
    }
    return true
  },

  async enqueue(place, sourceId, keys) {
    const to = { log: place.at('longhaul_log'), sourceId }
    const sorted = keys.map((key) => ({ key, hash: digest(key) })).sort(byHash)
    for (const some of chunked(sorted, AT_ONCE))
      await place.client.transaction(async (session) => {
        const rows = some.map(({ key, hash }) => wholeRow(to, 'R', textBytes(key), `X'${hash}'`))
        await session.run(upsert(to, rows.join(', ')))
        await clearDead(
          session,
          place,
          sourceId,
          some.map(({ key }) => key),
        )
      })
  },

  /** Nothing to do: the triggers have folded already. Only says whether the token is still the newest. */
  async compact(place, token, limit) {
    const held = await place.client.transaction((session) => holdsLease(session, place, token))
    if (!held) return null
    const [row] = await place.client.select(`\
SELECT COUNT(*) FROM (SELECT 1 FROM ${place.at('longhaul_log')} WHERE source_id IN
  (SELECT source_id FROM ${place.at('longhaul_source')} WHERE unit_id = ${place.unit}) LIMIT ${limit}) waiting`)
    const rows = Number(row?.[0] ?? 0)
    return { before: rows, after: rows }
  },

  async forget(session, log, numbers) {
    for (const some of chunked(numbers, NUMBERS_AT_ONCE))
      await session.run(deleteByNumber(log, 'k_ver', some))
  },
}

const COLUMNS = 'source_id, key_hash, slot, type_field, key_field, time_field'

/** The body of a trigger that needs the key more than once. */
const block = (name: 'ko' | 'kn', key: string, statements: string): string => `BEGIN
  DECLARE ${name} VARBINARY(3000) DEFAULT ${key};
${statements.replaceAll(/^/gm, '  ')}
END`

const hashOf = (key: string): string => `UNHEX(SHA2(${key}, 256))`

/** What became of a whole row, over what its key had in slot 0. */
const whole = (to: LogTarget, type: 'N' | 'D', key: 'ko' | 'kn'): string =>
  `${upsert(to, wholeRow(to, type, key, hashOf(key)))};`

const wholeRow = ({ sourceId }: LogTarget, type: string, key: string, hash: string): string =>
  `(${sourceId}, ${hash}, 0, '${type}', ${key}, UTC_TIMESTAMP(6))`

/**
 * Writes over what slot 0 holds. re_field looks at the type before it is written over: it says that a deletion was,
 * so an insert stands for a row that came again. Names carry their table, because a query may have columns called so.
 */
const OVER = `\
ON DUPLICATE KEY UPDATE ver = VALUES(ver),
  re_field = longhaul_log.re_field | (longhaul_log.type_field = 'D'),
  type_field = VALUES(type_field), time_field = VALUES(time_field)`

const upsert = ({ log }: LogTarget, rows: string): string => `INSERT INTO ${log} (${COLUMNS}) VALUES
  ${rows}
${OVER}`

/** The columns that changed of a row that went. Looked for without locks, since deleting what is not there would lock a gap. */
function purge({ log, sourceId }: LogTarget): string {
  const changed = `source_id = ${sourceId} AND key_hash = ${hashOf('ko')} AND slot = 1`
  return `IF EXISTS (SELECT 1 FROM ${log} WHERE ${changed}) THEN
  DELETE FROM ${log} WHERE ${changed};
END IF;`
}

/** Where a log row is, as conditions on the primary key; and the number it had when it was read. */
interface Located {
  readonly sourceId: number
  readonly hash: string
  readonly slot: string
  readonly ver: string
}

/** The log rows that still have these numbers, in the order of the primary key. Locks nothing. */
async function located(place: Place, numbers: readonly bigint[]): Promise<readonly Located[]> {
  const found: Located[] = []
  for (const some of chunked(numbers, NUMBERS_AT_ONCE)) {
    const rows = await place.client.select(`\
SELECT source_id, HEX(key_hash), slot, ver FROM ${place.at('longhaul_log')} FORCE INDEX (k_ver)
WHERE ver IN (${some.join(', ')})`)
    for (const [sourceId, hash, slot, ver] of rows)
      found.push({ sourceId: Number(sourceId), hash: hash ?? '', slot: slot ?? '', ver: ver ?? '' })
  }
  return found.sort((a, b) => a.sourceId - b.sourceId || byHash(a, b) || (a.slot < b.slot ? -1 : 1))
}

/** Deletes these rows if they still have the number they were read with. One that a writer has locked is about to change, and stays. */
async function deleteUnlocked(
  session: Session,
  log: string,
  rows: readonly Located[],
): Promise<void> {
  if (rows.length === 0) return
  const locked = await session.select(`\
SELECT ver FROM ${log} FORCE INDEX (PRIMARY) WHERE ${rows.map(exactly).join(' OR ')}
FOR UPDATE SKIP LOCKED`)
  const numbers = new Set(locked.map(([ver]) => ver))
  const ours = rows.filter(({ ver }) => numbers.has(ver))
  if (ours.length > 0)
    await session.run(
      `DELETE ${log} FROM ${log} FORCE INDEX (PRIMARY) WHERE ${ours.map(exactly).join(' OR ')}`,
    )
}

const exactly = ({ sourceId, hash, slot, ver }: Located): string =>
  `(source_id = ${sourceId} AND key_hash = X'${hash}' AND slot = ${slot} AND ver = ${ver})`

const digest = (key: KeyText): string =>
  createHash('sha256').update(key).digest('hex').toUpperCase()

const byHash = (a: { readonly hash: string }, b: { readonly hash: string }): number =>
  a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0
