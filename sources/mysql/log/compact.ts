import { fold } from '../../sql/fold.ts'
import type { Part } from '../../source.ts'
import { holdsLease } from '../lease.ts'
import { deleteByNumber, LETTERS, logRows, type LogRow } from './rows.ts'
import { chunked, literal } from '../names.ts'
import { textBytes, type Place } from '../project.ts'

/** Keys folded in one transaction: short enough that the lease is free again soon. */
const KEYS_AT_ONCE = 200

interface Folded {
  /** Numbers of the rows that go. */
  readonly old: readonly bigint[]
  /** What takes their place, as values of a log row. */
  readonly rows: readonly string[]
}

/**
 * Folds the oldest log rows to at most two per key, under the lease. What is left gets fresh numbers, so that
 * a batch which read the old ones cannot acknowledge it unseen.
 */
export async function compact(
  place: Place,
  token: number,
  limit: number,
  part?: Part,
): Promise<{ before: number; after: number } | null> {
  const rows = await logRows(place, limit, { ...(part === undefined ? {} : { part }) })
  const words = Math.max(1, ...rows.map((row) => row.words.length))
  const folded = [...byKey(rows).values()]
    .map((entries) => foldKey(entries, words))
    .filter(({ old, rows }) => rows.length < old.length)
  let after = rows.length
  for (const some of chunked(folded, KEYS_AT_ONCE)) {
    if (!(await replace(place, token, some, words))) return null
    for (const { old, rows } of some) after += rows.length - old.length
  }
  if (folded.length === 0 && !(await replace(place, token, [], words))) return null
  return { before: rows.length, after }
}

function byKey(rows: readonly LogRow[]): ReadonlyMap<string, readonly LogRow[]> {
  const keys = new Map<string, LogRow[]>()
  for (const row of rows) {
    const id = `${row.source.sourceId}:${row.key}`
    const same = keys.get(id)
    if (same === undefined) keys.set(id, [row])
    else same.push(row)
  }
  return keys
}

/** The oldest time stays, so that the lag stays true. */
function foldKey(entries: readonly LogRow[], words: number): Folded {
  const [first] = entries
  const rest = first === undefined || entries.length === 1 ? [] : fold(entries)
  const time = entries.reduce((least, row) => (row.time < least ? row.time : least), '9999')
  return {
    old: entries.map(({ seq }) => seq),
    rows:
      first === undefined || entries.length === 1
        ? ['']
        : rest.map(({ kind, words: mask }) => {
            const masks = Array.from({ length: words }, (_, i) => String(mask[i] ?? 0n))
            return `(${first.source.sourceId}, '${LETTERS[kind]}', ${textBytes(first.key)}, ${literal(time)}, ${masks.join(', ')})`
          }),
  }
}

const replace = (
  place: Place,
  token: number,
  folded: readonly Folded[],
  words: number,
): Promise<boolean> =>
  place.client.transaction(async (session) => {
    if (!(await holdsLease(session, place, token))) return false
    if (folded.length === 0) return true
    const log = place.at('longhaul_log')
    const masks = Array.from({ length: words }, (_, word) => `ucn${word}`).join(', ')
    const rows = folded.flatMap((key) => key.rows)
    await session.run(`\
INSERT INTO ${log} (source_id, type_field, key_field, time_field, ${masks}) VALUES ${rows.join(', ')}`)
    for (const some of chunked(
      folded.flatMap(({ old }) => old),
      1_000,
    ))
      await session.run(deleteByNumber(log, 'PRIMARY', some))
    return true
  })
