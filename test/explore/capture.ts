import { setTimeout as sleep } from 'node:timers/promises'
import type { Change, Damage, DeadLetter, Lag } from '../../model/change.ts'
import { SyncError } from '../../model/errors.ts'
import type { TableSchema } from '../../model/table.ts'
import type { KeyText } from '../../model/value.ts'
import { fold } from '../../sources/sql/fold.ts'
import { changedColumns } from '../../sources/sql/mask.ts'
import type { Capture } from '../../sources/source.ts'
import { Transaction, type LogRow, type MemoryDatabase, type Unit } from './database.ts'
import { LOGS, placeOf } from './log.ts'
import type { Run, Sizes } from './source.ts'

const POLL_MS = 20

/** Log, lease and dead letters with the statements and transactions of `sources/mysql/`, each of which is one step. */
export class MemoryCapture implements Capture {
  private readonly database: MemoryDatabase
  private readonly project: string
  private readonly run: Run
  private readonly sizes: Sizes

  constructor(database: MemoryDatabase, project: string, run: Run, sizes: Sizes) {
    this.database = database
    this.project = project
    this.run = run
    this.sizes = sizes
  }

  install(tables: readonly TableSchema[]): Promise<void> {
    return this.run('installs', () => {
      const { units } = this.database
      const there = units.get(this.project)
      const unit = there ?? { tables: new Set(), log: new Map(), dead: new Map(), token: 0 }
      for (const { name } of tables) unit.tables.add(name)
      units.set(this.project, unit)
    })
  }

  remove(): Promise<readonly string[]> {
    return this.run('removes', () => {
      this.database.units.delete(this.project)
      return []
    })
  }

  /** It has no triggers that could be missing. */
  recapture(table: TableSchema): Promise<void> {
    return this.install([table])
  }

  damage(): Promise<readonly Damage[]> {
    return Promise.resolve([])
  }

  token(): Promise<number> {
    return this.run('takes a token', () => {
      const { unit } = this
      return (unit.token = Math.max(unit.token + 2, this.database.clock()))
    })
  }

  read(limit: number, except?: ReadonlySet<string>): Promise<readonly Change[]> {
    return this.run('reads the log', () =>
      oldest(this.unit, limit, except).map((row) => changeOf(this.database, row)),
    )
  }

  /** Append: one transaction. Dedupe: looks where the rows are, then several; a row that a writer holds stays. */
  async acknowledge(
    token: number,
    changes: readonly Change[],
    dead: readonly DeadLetter[] = [],
  ): Promise<boolean> {
    const numbers = new Set(changes.map(({ seq }) => seq))
    const batches =
      this.database.log === 'append'
        ? [[...numbers].map((seq): Placed => [String(seq), seq])]
        : chunked(
            await this.run('looks where the log rows are', () => placed(this.unit, numbers)),
            this.sizes.acknowledged,
          )
    for (const [index, some] of (batches.length === 0 ? [[]] : batches).entries())
      if (!(await this.run('acknowledges', () => this.forget(token, some, index, dead))))
        return false
    return true
  }

  bury(dead: readonly DeadLetter[]): Promise<void> {
    return this.run('buries', () => bury(this.unit, dead))
  }

  dead(limit: number): Promise<readonly DeadLetter[]> {
    return this.run('reads the dead letters', () => [...this.unit.dead.values()].slice(0, limit))
  }

  /** A writer that holds the log row of one of the keys is waited for. */
  enqueue(table: string, keys: readonly KeyText[]): Promise<void> {
    const { database } = this
    const enqueue = (): void => {
      const { unit } = this
      const transaction = new Transaction(database)
      const mine = transaction.logged(unit)
      for (const key of keys) {
        LOGS[database.log].refreshed({ database, unit, table, mine }, key)
        unit.dead.delete(`${table} ${key}`)
      }
      transaction.commit()
    }
    const isFree = (): boolean =>
      !keys.some((key) => database.isLocked(this.unit, placeOf(table, key, 0)))
    return this.run(`enqueues ${keys.join(' ')}`, enqueue, isFree)
  }

  async compact(token: number, limit: number): Promise<{ before: number; after: number } | null> {
    const { database, run } = this
    const rows = await run('reads the log to fold it', () => oldest(this.unit, limit))
    const folded = [...byKey(rows).values()]
      .map((old): Folded => ({ old, rest: fold(old) }))
      .filter(({ old, rest }) => database.log === 'append' && rest.length < old.length)
    let after = rows.length
    for (const some of folded.length === 0 ? [[]] : chunked(folded, this.sizes.compacted)) {
      const held = await run('folds the log', () => {
        if (this.unit.token !== token) return false
        for (const each of some) replace(database, this.unit, each)
        return true
      })
      if (!held) return null
      for (const { old, rest } of some) after += rest.length - old.length
    }
    return { before: rows.length, after }
  }

  lag(): Promise<Lag> {
    return this.run('looks at the lag', () => {
      const { log, dead, token } = this.unit
      let oldest = Infinity
      for (const { time } of log.values()) oldest = Math.min(oldest, time)
      const seconds = log.size === 0 ? 0 : (this.database.clock() - oldest) / 1000
      return { changes: log.size, seconds: Math.max(0, seconds), dead: dead.size, token }
    })
  }

  waiting(): Promise<number> {
    return this.run(
      'counts the keys of the log',
      () => new Set([...this.unit.log.values()].map(({ table, key }) => `${table} ${key}`)).size,
    )
  }

  pending(table: string, keys: readonly KeyText[]): Promise<ReadonlySet<KeyText>> {
    return this.run('looks what is pending', () => {
      const logged = [...this.unit.log.values()].filter((row) => row.table === table)
      const waiting = new Set(logged.map(({ key }) => key))
      return new Set(keys.filter((key) => waiting.has(key)))
    })
  }

  async barrier(tables: readonly TableSchema[]): Promise<void> {
    const names = tables.map(({ name }) => name)
    while ([...this.database.open].some((open) => open.holds(names))) await sleep(POLL_MS)
  }

  private forget(
    token: number,
    rows: readonly Placed[],
    index: number,
    dead: readonly DeadLetter[],
  ): boolean {
    const { database, unit } = this
    if (unit.token !== token) return false
    if (index === 0) bury(unit, dead)
    for (const [place, seq] of rows)
      if (unit.log.get(place)?.seq === seq && !database.isLocked(unit, place))
        unit.log.delete(place)
    return true
  }

  private get unit(): Unit {
    const found = this.database.units.get(this.project)
    if (found === undefined) throw new SyncError('CAPTURE_LOST', this.project)
    return found
  }
}

/** Where a log row is, and the number it had when it was read. */
type Placed = readonly [place: string, seq: bigint]

const placed = ({ log }: Unit, numbers: ReadonlySet<bigint>): Placed[] =>
  [...log].filter(([, { seq }]) => numbers.has(seq)).map(([place, { seq }]): Placed => [place, seq])

export function bury(unit: Unit, dead: readonly DeadLetter[]): void {
  for (const letter of dead) unit.dead.set(`${letter.table} ${letter.key}`, letter)
}

/** The committed log rows with the lowest numbers. */
const oldest = ({ log }: Unit, limit: number, except?: ReadonlySet<string>): LogRow[] =>
  [...log.values()]
    .filter(({ table }) => !except?.has(table))
    .sort((a, b) => (a.seq < b.seq ? -1 : 1))
    .slice(0, limit)

export function changeOf(database: MemoryDatabase, row: LogRow): Change {
  const { seq, table, kind, key, words } = row
  if (kind !== 'update') return { seq, table, kind, key, columns: null }
  const names = database.table(table).schema.columns.map(({ name }) => name)
  return { seq, table, kind, key, columns: changedColumns(names, words) }
}

interface Folded {
  readonly old: readonly LogRow[]
  readonly rest: ReturnType<typeof fold>
}

function byKey(rows: readonly LogRow[]): ReadonlyMap<string, readonly LogRow[]> {
  const keys = new Map<string, LogRow[]>()
  for (const row of rows) {
    const id = `${row.table} ${row.key}`
    const same = keys.get(id)
    if (same === undefined) keys.set(id, [row])
    else same.push(row)
  }
  return keys
}

/** What is left gets fresh numbers, so that who read the old ones cannot acknowledge it unseen. */
function replace(database: MemoryDatabase, unit: Unit, { old, rest }: Folded): void {
  const { table, key } = old[0] as LogRow
  const time = Math.min(...old.map((row) => row.time))
  for (const { kind, words } of rest) {
    const seq = database.nextNumber()
    unit.log.set(String(seq), { seq, table, kind, key, words, time })
  }
  for (const { seq } of old) unit.log.delete(String(seq))
}

const chunked = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
