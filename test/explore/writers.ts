import type { Row, Value } from '../../model/value.ts'
import type { MemoryDatabase, Table, Transaction } from './database.ts'
import type { Change, Deal } from './plan.ts'

const utf8 = new TextEncoder()
const values = new Map<string, Uint8Array>()

function value(text: string | null): Value {
  if (text === null) return null
  const known = values.get(text) ?? utf8.encode(text)
  values.set(text, known)
  return known
}

/** An application at work on one connection: each statement is a step, and so is the end of a transaction. */
export class Writer {
  readonly name: string
  private readonly database: MemoryDatabase
  private readonly table: Table
  private readonly deals: readonly Deal[]
  private deal = 0
  private statement = 0
  private transaction: Transaction | null = null
  /** The rows its next statement locks. */
  private keys: readonly string[]

  constructor(name: string, database: MemoryDatabase, table: Table, deals: readonly Deal[]) {
    this.name = name
    this.database = database
    this.table = table
    this.deals = deals
    this.keys = this.next()?.flatMap(keysOf) ?? []
  }

  get done(): boolean {
    return this.deal === this.deals.length
  }

  /** Whose lock its next statement would wait for; null when it can go on. */
  get waitsFor(): Transaction | null {
    return this.keys.length === 0
      ? null
      : this.database.holder(this.table, this.keys, this.transaction)
  }

  holds(transaction: Transaction): boolean {
    return this.transaction === transaction
  }

  /** The next statement, or the end of the transaction; returns what it was. */
  step(): string {
    const statement = this.next()
    if (statement === undefined) return this.end(this.deals[this.deal]?.ends ?? 'commit')
    this.transaction ??= this.database.begin()
    for (const change of statement) perform(this.transaction, this.table, change)
    this.statement++
    this.keys = this.next()?.flatMap(keysOf) ?? []
    return statement.map(say).join(', ')
  }

  /** Its transaction is the one that a deadlock costs. */
  giveUp(): string {
    return `deadlock, ${this.end('rollback')}`
  }

  private next(): readonly Change[] | undefined {
    return this.deals[this.deal]?.statements[this.statement]
  }

  private end(how: 'commit' | 'rollback'): string {
    this.transaction?.[how]()
    this.transaction = null
    this.deal++
    this.statement = 0
    this.keys = this.next()?.flatMap(keysOf) ?? []
    return how
  }
}

/** A statement that finds nothing to do, or a key that is taken, does nothing. */
export function perform(transaction: Transaction, table: Table, change: Change): void {
  const before = transaction.read(table, change.key)
  if (change.kind === 'delete') transaction.delete(table, change.key)
  else if (change.kind === 'move') {
    if (before !== null)
      transaction.update(table, change.key, [value(change.to), ...before.slice(1)])
  } else {
    const row = rowOf(change, before)
    if (before === null) transaction.insert(table, row)
    else transaction.update(table, change.key, row)
  }
}

const rowOf = ({ key, a, b }: Extract<Change, { kind: 'write' }>, before: Row | null): Row => [
  value(key),
  a === undefined ? (before?.[1] ?? null) : value(a),
  b === undefined ? (before?.[2] ?? null) : value(b),
]

const keysOf = (change: Change): string[] =>
  change.kind === 'move' ? [change.key, change.to] : [change.key]

const say = (change: Change): string => {
  if (change.kind !== 'write') return `${change.kind}s ${keysOf(change).join(' to ')}`
  const columns = (['a', 'b'] as const).filter((name) => change[name] !== undefined)
  return `writes ${columns.join(' and ')} of ${change.key}`
}
