import type { ChangeKind } from '../../model/change.ts'
import type { KeyText } from '../../model/value.ts'
import type { LogRow, Target } from './database.ts'

export type LogName = 'append' | 'dedupe'

/** What triggers write; the two ways of `sources/mysql/log/`, of which the text is SQL. */
interface Log {
  inserted(to: Target, key: KeyText): void
  deleted(to: Target, key: KeyText): void
  moved(to: Target, from: KeyText, key: KeyText): void
  updated(to: Target, key: KeyText, words: readonly bigint[]): void
  refreshed(to: Target, key: KeyText): void
}

const NO_WORDS: readonly bigint[] = []

/** Every change is a row of its own. */
const append: Log = {
  inserted: (to, key) => addRow(to, 'insert', key),
  deleted: (to, key) => addRow(to, 'delete', key),
  moved(to, from, key) {
    addRow(to, 'delete', from)
    addRow(to, 'insert', key)
  },
  updated: (to, key, words) => addRow(to, 'update', key, words),
  refreshed: (to, key) => addRow(to, 'refresh', key),
}

/** At most two rows for a key: slot 0 for the whole row, slot 1 for its columns; what is written over gets a fresh number. */
const dedupe: Log = {
  inserted: (to, key) => writeOver(to, 'insert', key),
  deleted(to, key) {
    writeOver(to, 'delete', key)
    purge(to, key)
  },
  moved(to, from, key) {
    dedupe.deleted(to, from)
    writeOver(to, 'insert', key)
  },
  updated(to, key, words) {
    const place = placeOf(to.table, key, 1)
    const old = found(to, place)?.words ?? NO_WORDS
    const union = words.map((word, i) => word | (old[i] ?? 0n))
    to.mine.set(place, rowOf(to, 'update', key, union))
  },
  refreshed: (to, key) => writeOver(to, 'refresh', key),
}

export const LOGS: Readonly<Record<LogName, Log>> = { append, dedupe }

const rowOf = (to: Target, kind: ChangeKind, key: KeyText, words = NO_WORDS): LogRow => ({
  seq: to.database.nextNumber(),
  table: to.table,
  kind,
  key,
  words,
  time: to.database.clock(),
})

function addRow(to: Target, kind: ChangeKind, key: KeyText, words = NO_WORDS): void {
  const row = rowOf(to, kind, key, words)
  to.mine.set(String(row.seq), row)
}

const writeOver = (to: Target, kind: ChangeKind, key: KeyText): void =>
  void to.mine.set(placeOf(to.table, key, 0), rowOf(to, kind, key))

function purge(to: Target, key: KeyText): void {
  const place = placeOf(to.table, key, 1)
  if (found(to, place) !== null) to.mine.set(place, null)
}

/** Where the triggers fold. */
export const placeOf = (table: string, key: KeyText, slot: 0 | 1): string =>
  `${table} ${slot} ${key}`

/** The log row at a place as the transaction sees it. */
function found({ unit, mine }: Target, place: string): LogRow | null {
  const own = mine.get(place)
  return own === undefined ? (unit.log.get(place) ?? null) : own
}
