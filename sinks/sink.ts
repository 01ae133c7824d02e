import type { Finding } from '../model/finding.ts'
import type { RowKey, RowMutation, StoredColumn, StoredRow } from '../model/mutation.ts'
import type { ChangeVisitor, RowVisitor, StoredPage } from '../model/page.ts'

/** A kind of store. */
export interface Store<Options> {
  readonly name: string
  readonly options: { parse(input: unknown): Options }
  /** Costs nothing until it is used. */
  open(options: Options): Promise<Sink>
}

/** A table as the sink shall have it. */
export interface Target {
  /** With its namespace where it has one: `ns:table`. */
  readonly table: string
  readonly families: readonly string[]
  /** The project that owns the table; kept with it. */
  readonly owner: string
  /** Row keys that begin regions; strictly rising. */
  readonly splits: readonly RowKey[]
}

/** A mutation that this sink can never take, by its position in the call. */
export interface Rejected {
  readonly index: number
  /** A sentence without any value of the row. */
  readonly reason: string
}

export interface WriteOptions {
  /** A row's markers and cells become visible together; needed for anything but `put`. */
  readonly atomic: boolean
  readonly signal?: AbortSignal
}

/** Rows to be put. A row without a cell is no row, and not written. */
export interface Puts extends RowVisitor {
  /** Writes the rows it was given, as `Sink.write` does. Called once. */
  write(options?: Pick<WriteOptions, 'signal'>): Promise<readonly Rejected[]>
}

/** Changes of rows. A row's markers and cells become visible together; an update of nothing is not written. */
export interface Changes extends ChangeVisitor {
  /** Writes the changes it was given, as `Sink.write` does. Called once. */
  write(options?: Pick<WriteOptions, 'signal'>): Promise<readonly Rejected[]>
}

/** An open cluster. All its methods may be called at the same time. Every method throws SINK_UNREACHABLE when its deadline passes. */
export interface Sink {
  /** Product and version as the server says them, such as `HBase 2.6.4`. */
  server(): Promise<string>
  /** What stands in the way of `prepare`: other families, rows that are not the owner's. Touches nothing. */
  check(target: Target): Promise<readonly Finding[]>
  /** Creates the table, or checks that it is as it should be. Safe to repeat. */
  prepare(target: Target): Promise<void>
  /** Writes all but those it returns, durably, or throws; what was written may be written again without harm. */
  write(
    table: string,
    mutations: readonly RowMutation[],
    options: WriteOptions,
  ): Promise<readonly Rejected[]>
  /** Puts of rows that are given value by value; `columns` are the numbers of the visit. All at one version. */
  puts(table: string, columns: readonly StoredColumn[], version: number): Puts
  /** Changes of rows that are given value by value, in the families of `columns`. All at one version. */
  changes(table: string, columns: readonly StoredColumn[], version: number): Changes
  /** The rows with these keys, in the order asked; null where there is none. */
  read(table: string, rows: readonly RowKey[]): Promise<readonly (StoredRow | null)[]>
  /** Rows with from < key <= to in byte order, a page at a time; ends only when the range was proven covered. A null bound is open. */
  scan(table: string, options: ScanOptions): AsyncIterable<readonly StoredRow[]>
  /** As `scan`, for those who read much. */
  pages(table: string, options: ScanOptions): AsyncIterable<StoredPage>
  /** Drops the table if `owner` owns it; false when it does not exist. */
  drop(table: string, owner: string): Promise<boolean>
  close(): Promise<void>
}

export interface ScanOptions {
  readonly from: RowKey | null
  readonly to: RowKey | null
  /** Only each row's key and first cell, whose value is empty. */
  readonly keysOnly?: boolean
  readonly signal?: AbortSignal
}
