import type { DeadLetter } from '../model/change.ts'
import { SyncError } from '../model/errors.ts'
import { parseKey } from '../model/key.ts'
import { MatchedRows } from '../model/matched-rows.ts'
import type { TableSchema } from '../model/table.ts'
import type { KeyText, Row } from '../model/value.ts'
import type { Folded } from '../plan/fold.ts'
import type { Acknowledging } from './acknowledging.ts'
import type { ActivityContext } from './context.ts'
import type { Route } from './route.ts'
import type { Stations } from './stations.ts'

/** What all tables of a batch have in common. */
export interface Applying {
  /** Routes of each captured table, by `database.table`; one table may fill several targets. */
  readonly routes: ReadonlyMap<string, readonly Route[]>
  readonly stations: Stations
  readonly signal: AbortSignal
  readonly reached: ActivityContext['reached']
}

interface ApplyTable {
  readonly table: string
  readonly entries: readonly Folded[]
  readonly token: number
  readonly began: number
  readonly acknowledging: Acknowledging
  readonly rowsAtOnce: number
}

/** A batch older than this may meet newer ones half-way: it is given up (capture.md 2.4). */
const MOST_SECONDS = 60

/**
 * Writes what changed in one table to all of its targets, some rows after the other: while they are written, the next
 * ones are read. Every row is read after the log was, and no two writes of a batch are about the same row. What is
 * written is acknowledged, with the rows that could not be.
 */
export async function applyTable(
  { routes, signal, reached, stations }: Applying,
  { table, entries, token, began, acknowledging, rowsAtOnce }: ApplyTable,
): Promise<void> {
  const own = routes.get(table)
  const first = own?.[0]
  if (own === undefined || first === undefined)
    throw new SyncError('CAPTURE_LOST', `${table} is logged for this project, but not part of it`)
  const write = async (all: readonly Folded[], { entries, found, dead }: Read): Promise<void> => {
    for (const route of own) {
      dead.push(...(await writeRows(route, { entries, rows: found, token, began, signal })))
      await reached('written')
    }
    acknowledging.add(
      all.flatMap(({ changes }) => changes),
      dead,
    )
  }

  // All alike: of a slice of one row it could not be told whether the row is to blame or the table
  const atOnce = Math.ceil(entries.length / Math.ceil(entries.length / rowsAtOnce))
  let writing = Promise.resolve()
  try {
    for (let i = 0; i < entries.length && !acknowledging.isOver; i += atOnce) {
      const some = entries.slice(i, i + atOnce)
      stations.at('source')
      const read = await readRows(first, some)
      await Promise.all(own.map((route) => route.unchanged()))
      await reached('rows-read')
      stations.at('hbase')
      await writing
      stations.at('worker')
      writing = write(some, read)
      writing.catch(() => undefined) // seen when its turn has come
    }
    stations.at('hbase')
    await writing
  } finally {
    await Promise.allSettled([writing]) // no write outlives its batch
  }
}

interface Read {
  /** Those that can be written, whether their rows are there or gone. */
  readonly entries: readonly Folded[]
  readonly found: MatchedRows
  readonly dead: DeadLetter[]
}

/** A log row nobody can read must not stop the others. */
function readable(
  table: TableSchema,
  entries: readonly Folded[],
  dead: DeadLetter[],
): readonly Folded[] {
  return entries.filter(({ key }) => {
    const why = unreadable(key, table.key.length)
    if (why !== null)
      dead.push({ table: table.name, key, reason: `The key in the log table ${why}` })
    return why === null
  })
}

function unreadable(key: KeyText, columns: number): string | null {
  try {
    return parseKey(key).length === columns ? null : 'has other columns'
  } catch {
    return 'cannot be read'
  }
}

/** The rows as they are now. When one of them cannot be decoded, it alone becomes a dead letter. */
async function readRows({ source, table }: Route, all: readonly Folded[]): Promise<Read> {
  const dead: DeadLetter[] = []
  const entries = readable(table, all, dead)
  const keys = entries.map(({ key }) => key)
  try {
    return { entries, found: await source.rows.matching(table, keys), dead }
  } catch (error) {
    if (!isAboutOneRow(error)) throw error
  }
  const rows: (readonly [KeyText, Row])[] = []
  const buried = new Set<KeyText>()
  for (const key of keys) {
    try {
      rows.push(...(await source.rows.matching(table, [key])))
    } catch (error) {
      if (!isAboutOneRow(error)) throw error
      dead.push({ table: table.name, key, reason: error.message })
      buried.add(key)
    }
  }
  const others = entries.filter(({ key }) => !buried.has(key))
  return { entries: others, found: MatchedRows.of(rows), dead }
}

const isAboutOneRow = (error: unknown): error is SyncError =>
  error instanceof SyncError &&
  (error.code === 'VALUE_UNREADABLE' || error.code === 'LOG_KEY_UNREADABLE')

interface WriteRows {
  readonly entries: readonly Folded[]
  readonly rows: MatchedRows
  readonly token: number
  readonly began: number
  readonly signal: AbortSignal
}

/** Those that no target of this kind takes. */
async function writeRows(
  { sink, table, transform }: Route,
  { entries, rows, token, began, signal }: WriteRows,
): Promise<readonly DeadLetter[]> {
  const changes = sink.changes(transform.target, transform.columns, token)
  for (const { key, kind, columns } of entries) {
    const place = rows.place(key)
    if (place === undefined) transform.remove(key, changes)
    else if (kind === 'update') transform.update(place, columns, changes)
    else transform.replace(place, changes)
  }
  signal.throwIfAborted()
  const seconds = (performance.now() - began) / 1000
  if (seconds > MOST_SECONDS)
    throw new SyncError('BATCH_TOO_OLD', `after ${Math.round(seconds)} s; it is read again`)
  const rejected = await changes.write({ signal })
  return rejected.map(({ index, reason }) => ({
    table: table.name,
    key: (entries[index] as Folded).key,
    reason,
  }))
}
