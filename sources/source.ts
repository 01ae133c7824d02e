import type { Change, Damage, DeadLetter, Lag } from '../model/change.ts'
import type { CaptureCost } from '../model/cost.ts'
import type { Finding } from '../model/finding.ts'
import type { MatchedRows } from '../model/matched-rows.ts'
import type { RowPage } from '../model/page.ts'
import type { TableSchema } from '../model/table.ts'
import type { KeyText } from '../model/value.ts'

/** A kind of database. Adding one is a folder, a line in index.ts and a call of the contract test. */
export interface Dialect<Options> {
  readonly name: string
  /** Shape of this dialect's part of the connections file; throws a readable error. */
  readonly options: { parse(input: unknown): Options }
  /** Opens a pool; proves login and version. Throws SOURCE_UNREACHABLE, SOURCE_AUTH or SOURCE_VERSION. */
  open(options: Options): Promise<Source>
}

/** An open source database. All its methods may be called at the same time. */
export interface Source {
  /** Product and version as the server says them, such as `MySQL 9.7.4`. */
  readonly server: string
  /** What positions in the history are sealed with: the option `sealKey`, else the password. Never printed or sent. */
  readonly sealSecret: string
  readonly rows: RowReader
  /** The table as the catalog has it now. Throws DATABASE_UNKNOWN or TABLE_UNKNOWN. */
  describe(table: string): Promise<TableSchema>
  /** What stands in the way of migrating these tables, and what capture will not see. Touches nothing. */
  check(tables: readonly TableSchema[]): Promise<readonly Finding[]>
  /**
   * Measures what capture would add to each changed row, on a copy of some rows among our own tables. Creates nothing
   * in the table's own place, and leaves nothing behind.
   */
  cost(table: TableSchema): Promise<CaptureCost>
  /** The capture of one project; costs nothing until it is used. */
  capture(project: string): Capture
  /** What it has to do right now, and how far its replicas are behind. */
  load(options: { readonly replicas: boolean }): Promise<SourceLoad>
  /** The projects whose objects are in this source, found by their catalog rows. */
  captured(): Promise<readonly string[]>
  close(): Promise<void>
}

/** What a source has to do at the moment. */
export interface SourceLoad {
  /** Threads that run a statement, that of this question among them. */
  readonly threadsRunning: number
  readonly replicas: readonly ReplicaLag[]
}

export interface ReplicaLag {
  /** As the connections file has it. */
  readonly address: string
  /** How far it is behind; a sentence's end when that cannot be told: `does not replicate`. */
  readonly behind: number | string
}

export interface ReadOptions {
  readonly signal?: AbortSignal
}

/** Reads rows: every value as exact text or bytes, in `TableSchema.columns` order. */
export interface RowReader {
  /** Roughly how many rows the table has; free of cost, for progress only. */
  estimate(table: TableSchema): Promise<number>
  /** Keys that end the next ranges of `size` rows after `from`, at most `max`; fewer when the table ends first. */
  boundaries(
    table: TableSchema,
    from: KeyText | null,
    size: number,
    max: number,
  ): Promise<readonly KeyText[]>
  /** Rows with from < key <= to in the database's own key order, a page at a time. A null bound is open. */
  range(
    table: TableSchema,
    from: KeyText | null,
    to: KeyText | null,
    options?: ReadOptions,
  ): AsyncIterable<RowPage>
  /** As `range`, their keys alone: what an index holds is not read from the rows. */
  keys(
    table: TableSchema,
    from: KeyText | null,
    to: KeyText | null,
    options?: ReadOptions,
  ): AsyncIterable<readonly KeyText[]>
  /** The rows that have exactly these keys, byte by byte; a key that is absent has no entry. Read after the call began. */
  matching(table: TableSchema, keys: readonly KeyText[]): Promise<MatchedRows>
  /** Which of these keys exist; as `matching`, without the values. */
  existing(table: TableSchema, keys: readonly KeyText[]): Promise<ReadonlySet<KeyText>>
}

/** One of so many parts of about the same size; a key belongs to the same one always. */
export interface Part {
  readonly no: number
  readonly of: number
}

/** The log table, the lease and the triggers of one project in one source. */
export interface Capture {
  /**
   * Creates what is missing. When it returns, every change committed from now on is logged: transactions
   * that wrote without the triggers have ended. Safe to repeat, also after a half-made attempt.
   */
  install(tables: readonly TableSchema[]): Promise<void>
  /**
   * Captures a table anew, as it is now: one that was changed, or whose changes went unlogged. What the log has of
   * it stays and asks for whole rows. Only rows loaded at a later token make up for what nobody logged. Safe to
   * repeat. Throws SCHEMA_CHANGED when its key is another one: the old log rows would name no row.
   */
  recapture(table: TableSchema): Promise<void>
  /** Drops what belongs to this project, and the shared objects after the last project. Returns what is still there: nothing, when clean. Safe to repeat. */
  remove(): Promise<readonly string[]>
  /** What is missing or altered of the installed triggers, by name, and captured tables whose rows went without one. */
  damage(): Promise<readonly Damage[]>
  /** A new token from the lease: epoch milliseconds, at least 2 above any before; fences every earlier one. */
  token(owner: string): Promise<number>
  /** Committed changes of this project that are not acknowledged, lowest number first; none of the tables in `except`. */
  read(limit: number, except?: ReadonlySet<string>): Promise<readonly Change[]>
  /**
   * Forgets exactly these log rows and keeps the dead letters, as long as `token` is the newest. False: another
   * token was issued meanwhile; what is not forgotten by then stays. A dead letter is kept before its log rows go.
   * A log row that a writer is about to change may stay too, and is read again.
   */
  acknowledge(
    token: number,
    changes: readonly Change[],
    dead?: readonly DeadLetter[],
  ): Promise<boolean>
  /** Keeps rows that could not be loaded. Repeating keeps them once. */
  bury(dead: readonly DeadLetter[]): Promise<void>
  /** The dead letters, keys included: for the operator's eyes, never for history. */
  dead(limit: number): Promise<readonly DeadLetter[]>
  /** Logs a refresh of these keys, so that apply writes them as they are now; clears their dead letters. */
  enqueue(table: string, keys: readonly KeyText[]): Promise<void>
  /**
   * Folds the oldest `limit` log rows, of one part of all keys where a part is named, to at most two per key, under
   * the lease. Returns rows before and after; null when fenced. Where the triggers fold, there is nothing to do and
   * nothing is done.
   */
  compact(
    token: number,
    limit: number,
    part?: Part,
  ): Promise<{ before: number; after: number } | null>
  lag(): Promise<Lag>
  /** How many keys the log rows are about, roughly: what folding would leave at most twice of. A full read of the log. */
  waiting(): Promise<number>
  /** Which of these keys have a committed log row that is not acknowledged; a full read of the log, for the few keys a verification doubts. */
  pending(table: string, keys: readonly KeyText[]): Promise<ReadonlySet<KeyText>>
  /** Waits until no open transaction holds writes on the tables; throws LOCK_TIMEOUT naming the table. */
  barrier(tables: readonly TableSchema[]): Promise<void>
}
