import type { DeadLetter } from '../model/change.ts'
import { SyncError } from '../model/errors.ts'
import { parseKey } from '../model/key.ts'
import { MatchedRows } from '../model/matched-rows.ts'
import type { Row } from '../model/value.ts'
import type { Folded } from '../plan/fold.ts'
import type { ActivityContext } from './context.ts'
import type { Route } from './route.ts'
import type { Stations } from './stations.ts'

/** What all tables of a batch have in common. */
export interface Applying {
  /** Routes of each captured table, by `database.table`; one table may fill several targets. */
  readonly routes: ReadonlyMap<string, readonly Route[]>
  /** Rows read and written together; while they are written, the next ones are read. */
  readonly rowsAtOnce?: number
  readonly stations: Stations
  readonly signal: AbortSignal
  readonly reached: ActivityContext['reached']
}

interface ApplyTable {
  readonly table: string
  readonly entries: readonly Folded[]
  readonly token: number
  readonly began: number
}

/** Enough to keep a target busy; so few that what is held of them in memory is small. */
const ROWS_AT_ONCE = 2000

/** A batch older than this may meet newer ones half-way: it is given up (capture.md 2.4). */
const MOST_SECONDS = 60

/**
 * Writes what changed in one table to all of its targets, some rows after the other; returns the rows that could not
 * be written. Every row is read after the log was, and no two writes of a batch are about the same row.
 */
export async function applyTable(
  { routes, signal, reached, stations, rowsAtOnce = ROWS_AT_ONCE }: Applying,
  { table, entries, token, began }: ApplyTable,
): Promise<readonly DeadLetter[]> {
  const own = routes.get(table)
  const first = own?.[0]
  if (own === undefined || first === undefined)
    throw new SyncError('CAPTURE_LOST', `${table} is logged for this project, but not part of it`)
  const dead: DeadLetter[] = []
  const write = async (some: readonly Folded[], rows: MatchedRows): Promise<void> => {
    for (const route of own) {
      dead.push(...(await writeRows(route, { entries: some, rows, token, began, signal })))
      await reached('written')
    }
  }

  let writing = Promise.resolve()
  try {
    for (let i = 0; i < entries.length; i += rowsAtOnce) {
      stations.at('worker')
      const some = readable(first, entries.slice(i, i + rowsAtOnce), dead)
      stations.at('source')
      const rows = await readRows(first, some)
      await Promise.all(own.map((route) => route.unchanged()))
      await reached('rows-read')
      stations.at('hbase')
      await writing
      stations.at('worker')
      dead.push(...rows.dead)
      writing = write(rows.entries, rows.found)
      writing.catch(() => undefined) // seen when its turn has come
    }
    stations.at('hbase')
    await writing
  } finally {
    await Promise.allSettled([writing]) // no write outlives its batch
  }
  return dead
}

/** A log row nobody can read must not stop the others. */
function readable(
  { table }: Route,
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

function unreadable(key: string, columns: number): string | null {
  try {
    return parseKey(key).length === columns ? null : 'has other columns'
  } catch {
    return 'cannot be read'
  }
}

interface Read {
  /** Those that can be written, whether their rows are there or gone. */
  readonly entries: readonly Folded[]
  readonly found: MatchedRows
  readonly dead: readonly DeadLetter[]
}

/** The rows as they are now. When one of them cannot be decoded, it alone becomes a dead letter. */
async function readRows({ source, table }: Route, entries: readonly Folded[]): Promise<Read> {
  const keys = entries.map(({ key }) => key)
  try {
    return { entries, found: await source.rows.matching(table, keys), dead: [] }
  } catch (error) {
    if (!isAboutOneRow(error)) throw error
  }
  const rows: (readonly [string, Row])[] = []
  const dead: DeadLetter[] = []
  for (const key of keys) {
    try {
      rows.push(...(await source.rows.matching(table, [key])))
    } catch (error) {
      if (!isAboutOneRow(error)) throw error
      dead.push({ table: table.name, key, reason: error.message })
    }
  }
  const buried = new Set(dead.map(({ key }) => key))
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
