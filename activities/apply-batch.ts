import type { Change, DeadLetter } from '../model/change.ts'
import { SyncError } from '../model/errors.ts'
import { parseKey } from '../model/key.ts'
import type { RowMutation } from '../model/mutation.ts'
import type { KeyText, Row } from '../model/value.ts'
import { fold, type Folded } from '../plan/fold.ts'
import type { Capture } from '../sources/source.ts'
import type { ActivityContext } from './context.ts'
import { isAboutTable, type Route } from './route.ts'
import type { Stations } from './stations.ts'

export interface ApplyBatch {
  readonly capture: Capture
  /** Routes of each captured table, by `database.table`; one table may fill several targets. */
  readonly routes: ReadonlyMap<string, readonly Route[]>
  /** Tables whose changes stay in the log. */
  readonly except: ReadonlySet<string>
  readonly limit: number
  /** Who holds the lease, for those who look at it. */
  readonly owner: string
  readonly stations: Stations
  readonly signal: AbortSignal
  readonly reached: ActivityContext['reached']
}

export interface BatchApplied {
  readonly changes: number
  readonly dead: number
  /** Another token was issued meanwhile: nothing was acknowledged, the changes will be read again. */
  readonly fenced: boolean
  /** The number of the newest log row it has read; null when there was none. The same twice: nothing came, and what it acknowledged is still there. */
  readonly newest: bigint | null
  /** Tables that are no longer what they were, and why: nothing of them was acknowledged. */
  readonly halted: ReadonlyMap<string, SyncError>
}

/** A batch older than this may meet newer ones half-way: it is given up (capture.md 2.4). */
const MOST_SECONDS = 60

/**
 * One batch of protocol S2 (capture.md 2): token, log, rows, write at the token, acknowledge under the lease.
 * A crash anywhere repeats it with a larger token.
 */
export async function applyBatch(input: ApplyBatch): Promise<BatchApplied> {
  const { capture, except, limit, owner, reached, stations } = input
  const began = performance.now()
  stations.at('source')
  const token = await capture.token(owner)
  await reached('token')
  const changes = await capture.read(limit, except)
  const halted = new Map<string, SyncError>()
  const batch = { dead: 0, fenced: false, newest: changes.at(-1)?.seq ?? null, halted }
  if (changes.length === 0) return { ...batch, changes: 0 }
  await reached('log-read')

  const dead: DeadLetter[] = []
  for (const [table, entries] of byTable(fold(changes))) {
    try {
      dead.push(...(await applyTable(input, { table, entries, token, began })))
    } catch (error) {
      if (!isAboutTable(error)) throw error
      halted.set(table, error)
    }
  }
  const applied: readonly Change[] =
    halted.size === 0 ? changes : changes.filter(({ table }) => !halted.has(table))
  stations.at('source')
  await reached('acknowledge')
  return (await capture.acknowledge(token, applied, dead))
    ? { ...batch, changes: applied.length, dead: dead.length }
    : { ...batch, changes: 0, fenced: true }
}

interface ApplyTable {
  readonly table: string
  readonly entries: readonly Folded[]
  readonly token: number
  readonly began: number
}

/** Writes what changed in one table to all of its targets; returns the rows that could not be written. */
async function applyTable(
  { routes, signal, reached, stations }: ApplyBatch,
  { table, entries, token, began }: ApplyTable,
): Promise<readonly DeadLetter[]> {
  const own = routes.get(table)
  const first = own?.[0]
  if (own === undefined || first === undefined)
    throw new SyncError('CAPTURE_LOST', `${table} is logged for this project, but not part of it`)
  const dead: DeadLetter[] = []
  stations.at('worker')
  const readable = entries.filter((entry) => isReadable(first, entry, dead))
  stations.at('source')
  const rows = await readRows(first, readable, dead)
  await Promise.all(own.map((route) => route.unchanged()))
  await reached('rows-read')
  for (const route of own) {
    await writeRows(route, { entries: readable, rows, token, dead, began, signal, stations })
    await reached('written')
  }
  return dead
}

function byTable(folded: readonly Folded[]): Map<string, Folded[]> {
  const tables = new Map<string, Folded[]>()
  for (const entry of folded) {
    const entries = tables.get(entry.table)
    if (entries === undefined) tables.set(entry.table, [entry])
    else entries.push(entry)
  }
  return tables
}

/** A log row nobody can read must not stop the others. */
function isReadable({ table }: Route, { key }: Folded, dead: DeadLetter[]): boolean {
  try {
    if (parseKey(key).length === table.key.length) return true
    dead.push({ table: table.name, key, reason: 'The key in the log table has other columns' })
  } catch {
    dead.push({ table: table.name, key, reason: 'The key in the log table cannot be read' })
  }
  return false
}

/** The rows as they are now. When one of them cannot be decoded, it alone becomes a dead letter. */
async function readRows(
  { source, table }: Route,
  entries: readonly Folded[],
  dead: DeadLetter[],
): Promise<Map<KeyText, Row>> {
  const keys = entries.map(({ key }) => key)
  try {
    return new Map(await source.rows.matching(table, keys))
  } catch (error) {
    if (!isAboutOneRow(error)) throw error
  }
  const rows = new Map<KeyText, Row>()
  for (const key of keys) {
    try {
      for (const [found, row] of await source.rows.matching(table, [key])) rows.set(found, row)
    } catch (error) {
      if (!isAboutOneRow(error)) throw error
      dead.push({ table: table.name, key, reason: error.message })
    }
  }
  return rows
}

const isAboutOneRow = (error: unknown): error is SyncError =>
  error instanceof SyncError &&
  (error.code === 'VALUE_UNREADABLE' || error.code === 'LOG_KEY_UNREADABLE')

interface WriteRows {
  readonly entries: readonly Folded[]
  readonly rows: ReadonlyMap<KeyText, Row>
  readonly token: number
  readonly dead: DeadLetter[]
  readonly began: number
  readonly signal: AbortSignal
  readonly stations: Stations
}

async function writeRows({ sink, table, transform }: Route, write: WriteRows): Promise<void> {
  const { entries, rows, token, dead, began, signal, stations } = write
  stations.at('worker')
  const buried = new Set(dead.map(({ key }) => key))
  const written = entries.filter(({ key }) => !buried.has(key))
  const mutations = written.map(({ key, kind, columns }): RowMutation => {
    const row = rows.get(key)
    if (row === undefined) return transform.remove(key, token)
    return kind === 'update' ? transform.update(row, columns, token) : transform.replace(row, token)
  })
  signal.throwIfAborted()
  const seconds = (performance.now() - began) / 1000
  if (seconds > MOST_SECONDS)
    throw new SyncError('BATCH_TOO_OLD', `after ${Math.round(seconds)} s; it is read again`)
  stations.at('hbase')
  const rejected = await sink.write(transform.target, mutations, { atomic: true, signal })
  for (const { index, reason } of rejected)
    dead.push({ table: table.name, key: (written[index] as Folded).key, reason })
}
