import type { KeyText } from '../../../model/value.ts'
import { bury, clearDead } from '../dead.ts'
import { holdsLease } from '../lease.ts'
import { chunked } from '../names.ts'
import { textBytes } from '../project.ts'
import { compact } from './compact.ts'
import { forEachKey } from './each.ts'
import type { LogMode, LogTarget } from './mode.ts'
import { deleteByNumber } from './rows.ts'

/** Rows in one statement. */
const AT_ONCE = 1_000

const COLUMNS = 'source_id, type_field, key_field, time_field'

/**
 * Every change is a row of its own, only ever inserted (capture.md 1.3): writers and whoever acknowledges
 * never meet, so nobody waits and no deadlock can be. The log grows with the changes until it is compacted.
 */
export const append: LogMode = {
  name: 'append',
  privileges: ['INSERT'],

  definition: (words) => `\
  ver BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  source_id SMALLINT UNSIGNED NOT NULL,
  type_field CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  key_field VARBINARY(3000) NOT NULL,
  time_field DATETIME(6) NOT NULL,
${words}  PRIMARY KEY (ver)`,

  inserted: (to, key) => `${insertInto(to)}\n  ${row(to, 'N', key)}`,
  deleted: (to, key) => `${insertInto(to)}\n  ${row(to, 'D', key)}`,
  moved: (to) => `${insertInto(to)}\n  ${row(to, 'D', 'ko')},\n  ${row(to, 'N', 'kn')};`,
  updated({ log, sourceId }, words) {
    const names = words.map((word) => `ucn${word}`).join(', ')
    const values = words.map((word) => `u${word}`).join(', ')
    return `INSERT INTO ${log} (${COLUMNS}, ${names}) VALUES
  (${sourceId}, 'U', kn, UTC_TIMESTAMP(6), ${values});`
  },
  reached: (to, type, key, query) =>
    forEachKey(key, query, `${insertInto(to)} ${row(to, type, 'kc')};`),

  acknowledge: (place, token, numbers, dead) =>
    place.client.transaction(async (session) => {
      if (!(await holdsLease(session, place, token))) return false
      const sorted = [...numbers].sort((a, b) => (a < b ? -1 : 1))
      for (const some of chunked(sorted, AT_ONCE))
        await session.run(deleteByNumber(place.at('longhaul_log'), 'PRIMARY', some))
      await bury(session, place, dead)
      return true
    }),

  async enqueue(place, sourceId, keys) {
    for (const some of chunked(keys, AT_ONCE))
      await place.client.transaction(async (session) => {
        const to = { log: place.at('longhaul_log'), sourceId }
        const rows = some.map((key: KeyText) => row(to, 'R', textBytes(key)))
        await session.run(`${insertInto(to)} ${rows.join(', ')}`)
        await clearDead(session, place, sourceId, some)
      })
  },

  compact,

  async forget(session, log, numbers) {
    for (const some of chunked(numbers, AT_ONCE))
      await session.run(deleteByNumber(log, 'PRIMARY', some))
  },
}

const insertInto = ({ log }: LogTarget): string => `INSERT INTO ${log} (${COLUMNS}) VALUES`

const row = ({ sourceId }: LogTarget, type: string, key: string): string =>
  `(${sourceId}, '${type}', ${key}, UTC_TIMESTAMP(6))`
