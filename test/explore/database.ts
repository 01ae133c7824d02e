import type { ChangeKind, DeadLetter } from '../../model/change.ts'
import { keyOfRow } from '../../model/key.ts'
import { SyncError } from '../../model/errors.ts'
import type { TableSchema } from '../../model/table.ts'
import type { KeyText, Row } from '../../model/value.ts'
import { bitAt, wordsFor } from '../../sources/sql/mask.ts'
import { LOGS, type LogName } from './log.ts'

/** A log row; committed ones are seen by everybody, those of an open transaction by itself alone. */
export interface LogRow {
  readonly seq: bigint
  readonly table: string
  readonly kind: ChangeKind
  readonly key: KeyText
  readonly words: readonly bigint[]
  readonly time: number
}

/** The log, the lease and the dead letters of one project. */
export interface Unit {
  readonly tables: Set<string>
  /** By the place of a log row: its number, or its key and slot where the triggers fold. */
  readonly log: Map<string, LogRow>
  readonly dead: Map<string, DeadLetter>
  token: number
}

export interface Table {
  readonly schema: TableSchema
  readonly rows: Map<KeyText, Row>
  readonly keyOf: (row: Row) => KeyText
  /** As the index of the key has them. */
  readonly order: (a: KeyText, b: KeyText) => number
}

/**
 * A database in memory, as far as the protocol can tell it from MySQL at READ COMMITTED: every statement sees what
 * is committed when it runs, a written row is locked until its transaction ends, triggers write the log in the same
 * transaction, and log rows get their numbers when they are written, not when they are committed.
 */
export class MemoryDatabase {
  readonly tables = new Map<string, Table>()
  readonly units = new Map<string, Unit>()
  readonly open = new Set<Transaction>()
  readonly log: LogName
  clock: () => number
  private lastNumber = 0n

  constructor(log: LogName, clock: () => number = Date.now) {
    this.log = log
    this.clock = clock
  }

  create(schema: TableSchema): void {
    const keyOf = schema.key.length === 0 ? (): KeyText => '' : keyOfRow(schema)
    const numbers = schema.columns.find(({ name }) => name === schema.key[0])?.kind === 'integer'
    const order = numbers ? byNumber : byText
    this.tables.set(schema.name, { schema, rows: new Map(), keyOf, order })
  }

  /** Throws TABLE_UNKNOWN or DATABASE_UNKNOWN. */
  table(name: string): Table {
    const table = this.tables.get(name)
    if (table !== undefined) return table
    const database = `${name.split('.')[0] ?? ''}.`
    const known = [...this.tables.keys()].some((other) => other.startsWith(database))
    throw new SyncError(known ? 'TABLE_UNKNOWN' : 'DATABASE_UNKNOWN', name)
  }

  begin(): Transaction {
    const transaction = new Transaction(this)
    this.open.add(transaction)
    return transaction
  }

  nextNumber(): bigint {
    return ++this.lastNumber
  }

  /** Who has written one of these rows and has not ended; null when they are free. */
  holder(table: Table, keys: readonly KeyText[], except: Transaction | null): Transaction | null {
    for (const transaction of this.open)
      if (transaction !== except && transaction.hasWritten(table, keys)) return transaction
    return null
  }

  /** Whether an open transaction has written this log row, so that others would wait for it. */
  isLocked(unit: Unit, place: string): boolean {
    for (const transaction of this.open) if (transaction.logged(unit).has(place)) return true
    return false
  }
}

/** A transaction of an application. */
export class Transaction {
  private readonly database: MemoryDatabase
  private readonly rows = new Map<Table, Map<KeyText, Row | null>>()
  private readonly logs = new Map<Unit, Map<string, LogRow | null>>()

  constructor(database: MemoryDatabase) {
    this.database = database
  }

  /** The row as this transaction sees it. */
  read(table: Table, key: KeyText): Row | null {
    const written = this.rows.get(table)?.get(key)
    return written === undefined ? (table.rows.get(key) ?? null) : written
  }

  hasWritten(table: Table, keys: readonly KeyText[]): boolean {
    const written = this.rows.get(table)
    return written !== undefined && keys.some((key) => written.has(key))
  }

  /** Whether it has written to one of these tables. */
  holds(names: readonly string[]): boolean {
    return [...this.rows.keys()].some(({ schema }) => names.includes(schema.name))
  }

  /** False when the key is taken. */
  insert(table: Table, row: Row): boolean {
    const key = table.keyOf(row)
    if (this.read(table, key) !== null) return false
    this.write(table, key, row)
    for (const to of this.targets(table)) LOGS[this.database.log].inserted(to, key)
    return true
  }

  delete(table: Table, key: KeyText): boolean {
    if (this.read(table, key) === null) return false
    this.write(table, key, null)
    for (const to of this.targets(table)) LOGS[this.database.log].deleted(to, key)
    return true
  }

  /** False when the row is not there, or its new key is taken. */
  update(table: Table, key: KeyText, row: Row): boolean {
    const before = this.read(table, key)
    const newKey = table.keyOf(row)
    if (before === null || (newKey !== key && this.read(table, newKey) !== null)) return false
    this.write(table, key, null)
    this.write(table, newKey, row)
    const log = LOGS[this.database.log]
    const words = changedBits(before, row)
    for (const to of this.targets(table))
      if (newKey !== key) log.moved(to, key, newKey)
      else if (words.some((word) => word !== 0n)) log.updated(to, key, words)
    return true
  }

  commit(): void {
    for (const [table, rows] of this.rows) replaceAll(table.rows, rows)
    for (const [unit, rows] of this.logs) replaceAll(unit.log, rows)
    this.rollback()
  }

  rollback(): void {
    this.rows.clear()
    this.logs.clear()
    this.database.open.delete(this)
  }

  /** What it has put into a log, by place; null for what it took out. */
  logged(unit: Unit): Map<string, LogRow | null> {
    let logged = this.logs.get(unit)
    if (logged === undefined) this.logs.set(unit, (logged = new Map<string, LogRow | null>()))
    return logged
  }

  private write(table: Table, key: KeyText, row: Row | null): void {
    let rows = this.rows.get(table)
    if (rows === undefined) this.rows.set(table, (rows = new Map<KeyText, Row | null>()))
    rows.set(key, row)
  }

  private *targets({ schema }: Table): Iterable<Target> {
    const { database } = this
    for (const unit of database.units.values())
      if (unit.tables.has(schema.name))
        yield { database, unit, table: schema.name, mine: this.logged(unit) }
  }
}

/** Where the triggers of one table write on behalf of one transaction. */
export interface Target {
  readonly database: MemoryDatabase
  readonly unit: Unit
  readonly table: string
  readonly mine: Map<string, LogRow | null>
}

function replaceAll<Item>(into: Map<string, Item>, changes: Map<string, Item | null>): void {
  for (const [key, item] of changes)
    if (item === null) into.delete(key)
    else into.set(key, item)
}

/** The words of the column mask: a bit for every column whose bytes differ. */
function changedBits(before: Row, after: Row): readonly bigint[] {
  const words = Array.from({ length: wordsFor(after.length) }, () => 0n)
  for (const [position, value] of after.entries()) {
    const old = before[position] ?? null
    const same = value === null || old === null ? value === old : Buffer.compare(value, old) === 0
    const { word, value: bit } = bitAt(position, words.length)
    if (!same) words[word] = (words[word] ?? 0n) | bit
  }
  return words
}

const byNumber = (a: KeyText, b: KeyText): number => Number(a) - Number(b)
const byText = (a: KeyText, b: KeyText): number => (a < b ? -1 : a > b ? 1 : 0)
