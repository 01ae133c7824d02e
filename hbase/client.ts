import type {
  CallOptions,
  ClientOptions,
  GetOptions,
  MutateOptions,
  Mutation,
  Result,
  ScanOptions,
  Failure,
  WriterOptions,
} from './types.ts'
import { createAdmin } from './admin/index.ts'
import type { Admin } from './admin/index.ts'
import { Deadline } from './deadline.ts'
import { Locator } from './locator.ts'
import { Master } from './master.ts'
import { Pool } from './pool.ts'
import { Read } from './get.ts'
import { Registry, sourceOf } from './registry.ts'
import { PackedAssembly } from './scan/packed-assembly.ts'
import { ResultAssembly } from './scan/assembly.ts'
import type { Assembly } from './scan/assembly.ts'
import { Scanner } from './scan/scanner.ts'
import type { Wires } from './wires.ts'
import { TableWriter } from './table-writer.ts'
import { HBaseError } from './errors.ts'
import { MutationList } from './batch.ts'
import type { Batch } from './batch.ts'
import type { PackedResults } from './packed-results.ts'
import { PackedRows } from './packed-rows.ts'
import { Write } from './mutate.ts'
import { changeRow, checkAndChange } from './row-change.ts'
import type { AppendColumn, CheckedMutation, IncrementColumn } from './row-encoding.ts'
import { KEYS, checkScan } from './scan/request.ts'
import { canonicalTableName } from './table-name.ts'
import { checkCallOptions, checkClientOptions } from './check.ts'
import { checkCompression } from './compression.ts'
import { checkHosts } from './address.ts'
import { parseSecurity } from './transport/transport.ts'
import { userInfo } from 'node:os'
import { wire } from './wires.ts'

const CALL_TIMEOUT_MS = 20_000
const OPERATION_TIMEOUT_MS = 120_000
const MAX_CELL_BYTES = 10 << 20

/**
 * A client of one HBase cluster (2.4 to 3.0). Connects when first used; one client serves any number
 * of calls at a time. All errors are HBaseErrors.
 */
export class HBaseClient {
  readonly admin: Admin
  readonly #admin: (options: CallOptions) => Admin
  readonly #pool: Pool
  readonly #master: Master
  readonly #wires: Wires
  readonly #closing = new AbortController()
  readonly #operationTimeoutMs: number
  readonly #maxCellBytes: number

  /** Throws CONFIGURATION unless there are endpoints or a ZooKeeper, not both, and every address is one. */
  constructor(options: ClientOptions) {
    const { hosts = {} } = options
    const user = options.user ?? (options.kerberos ? undefined : userInfo().username)
    checkClientOptions(options)
    checkHosts(hosts)
    checkCompression(options.compression)
    const callTimeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS
    this.#operationTimeoutMs = options.operationTimeoutMs ?? OPERATION_TIMEOUT_MS
    this.#maxCellBytes = options.maxCellBytes ?? MAX_CELL_BYTES
    const pool = new Pool({
      user,
      hosts,
      callTimeoutMs,
      security: parseSecurity(options),
      compression: options.compression,
    })
    const registry = new Registry(pool, sourceOf(options))
    const locator = new Locator(pool, registry)
    const master = new Master(pool, registry)
    this.#pool = pool
    this.#master = master
    this.#wires = wire(pool, locator)
    this.#admin = (options) =>
      createAdmin({
        pool,
        registry,
        locator,
        master,
        deadline: (table) => this.#deadline(table, options),
      })
    this.admin = this.#admin({})
  }

  /** The calls of `admin`, with a signal, a deadline or a time per request of their own. */
  adminWith(options: CallOptions): Admin {
    return this.#admin(options)
  }

  /**
   * Writes all mutations. Resolves when every one is acknowledged or has a Failure (a row or cell
   * that this client or HBase refuses; the others are written). Throws when the outcome cannot be
   * reached before the deadline, when the table is missing or disabled, or when aborted; then any
   * part may be written, and writing all of it again is harmless.
   *
   * `atomic`: the markers and values of a row become visible together, as do all rows of a region
   * that travel in one request (up to 1000). Without it only values may be written. A row given
   * twice in one call may be written in either order.
   */
  async mutate(
    table: string,
    mutations: readonly Mutation[] | PackedRows,
    options: MutateOptions = {},
  ): Promise<readonly Failure[]> {
    const { atomic = false, inOrder = false } = options
    const name = canonicalTableName(table)
    const task = {
      table: name,
      batch: batchOf(mutations, name),
      atomic,
      inOrder,
      maxCellBytes: this.#maxCellBytes,
    }
    return new Write(this.#wires, task, this.#deadline(name, options)).run()
  }

  /** Rows of this table to be packed and given to `mutate`; see `PackedRows`. */
  packedRows(table: string): PackedRows {
    const name = canonicalTableName(table)
    return new PackedRows(name, (row) => this.#wires.locator.known(name, row))
  }

  /**
   * For any number of mutations, one by one: they are sent in batches, and each `write` resolves when
   * there is room for the next. `deadlineMs` is for every batch. Close it to know that all is written.
   */
  writer(table: string, options: WriterOptions = {}): TableWriter {
    const name = canonicalTableName(table)
    return new TableWriter(name, (mutations) => this.mutate(name, mutations, options), options)
  }

  /** Reads rows, in the order asked; null for those that do not exist. */
  async get(
    table: string,
    rows: readonly Uint8Array[],
    options: GetOptions = {},
  ): Promise<readonly (Result | null)[]> {
    const what = { table: canonicalTableName(table), rows }
    return new Read(this.#wires, what, options, this.#deadline(what.table, options)).run()
  }

  /** Which of the rows have a cell (of those selected). */
  async exists(
    table: string,
    rows: readonly Uint8Array[],
    options: GetOptions = {},
  ): Promise<readonly boolean[]> {
    const found = await this.get(table, rows, { filter: KEYS, ...options })
    return found.map((row) => row !== null)
  }

  /**
   * Adds to 64-bit numbers in columns of one row, all at once; returns the new ones (big-endian).
   * Done once, however often answers are lost: it is repeated with the same nonce only, which
   * servers remember for 20 minutes (ServerNonceManager).
   */
  async increment(
    table: string,
    row: Uint8Array,
    columns: readonly IncrementColumn[],
    options: CallOptions = {},
  ): Promise<Result> {
    return this.#change(table, row, columns, options)
  }

  /** Puts bytes behind those in columns of one row, all at once; returns the new values. Done once, as `increment`. */
  async append(
    table: string,
    row: Uint8Array,
    columns: readonly AppendColumn[],
    options: CallOptions = {},
  ): Promise<Result> {
    return this.#change(table, row, columns, options)
  }

  /**
   * Changes a row if one of its columns is as it should be; false when it is not. No other change of
   * the row comes between. Throws OUTCOME_UNKNOWN when the answer is lost: asked again, the row could
   * answer false because of this very change.
   */
  async checkAndMutate(
    table: string,
    checked: CheckedMutation,
    options: CallOptions = {},
  ): Promise<boolean> {
    const name = canonicalTableName(table)
    const change = { ...checked, maxCellBytes: this.#maxCellBytes }
    return checkAndChange(this.#wires, name, change, this.#deadline(name, options))
  }

  /**
   * Pages of whole rows in key order. Ends only when every region of the range has been read to its
   * end without a gap, else throws (SCAN_INCOMPLETE). A row written or deleted while the scan runs
   * may or may not be seen; all others are seen exactly once.
   */
  scan(table: string, options: ScanOptions = {}): AsyncIterable<readonly Result[]> {
    return this.#scan(table, options, () => new ResultAssembly(options.batch))
  }

  /**
   * As `scan`, for those who read much: a page of bytes in place of an object for each row and cell.
   * A page is to be read before the next one is asked for, which may come in the same memory.
   */
  scanPacked(
    table: string,
    options: Omit<ScanOptions, 'batch'> = {},
  ): AsyncIterable<PackedResults> {
    return this.#scan(table, options, () => new PackedAssembly(this.#pool.frames))
  }

  /**
   * The regions of a table in key order, as hbase:meta has them now; `server` is empty for one that
   * is moving. Throws TABLE_NOT_FOUND.
   */
  async regions(
    table: string,
    options: CallOptions = {},
  ): Promise<readonly { start: Uint8Array; end: Uint8Array; server: string }[]> {
    const name = canonicalTableName(table)
    const regions = await this.#wires.locator.list(name, this.#deadline(name, options))
    return regions.map(({ start, end, server }) => ({ start, end, server }))
  }

  /** The version of HBase the active master runs. Takes at most so long, and never longer than other operations may. */
  async version({ mostMs = Infinity }: { readonly mostMs?: number } = {}): Promise<string> {
    const ms = Math.min(mostMs, this.#operationTimeoutMs)
    return this.#master.version(this.#deadline(undefined, { deadlineMs: ms }))
  }

  /** Ends all calls under way with CLOSED and frees every socket and timer. Safe to repeat. */
  close(): Promise<void> {
    this.#closing.abort()
    this.#pool.close()
    return Promise.resolve()
  }

  #change(
    table: string,
    row: Uint8Array,
    columns: readonly (IncrementColumn | AppendColumn)[],
    options: CallOptions,
  ): Promise<Result> {
    const place = { table: canonicalTableName(table), row, maxCellBytes: this.#maxCellBytes }
    return changeRow(this.#wires, place, columns, this.#deadline(place.table, options))
  }

  #scan<P>(table: string, options: ScanOptions, assembly: () => Assembly<P>): AsyncIterable<P> {
    const name = canonicalTableName(table)
    checkScan(options, name)
    const deadline = () => this.#deadline(name, options)
    const calm = () => this.#deadline(name, withoutSignal(options))
    const task = { table: name, options, deadline, calm }
    return {
      [Symbol.asyncIterator]: () =>
        new Scanner(this.#wires, { ...task, assembly: assembly() }).pages(),
    }
  }

  #deadline(table: string | undefined, options: CallOptions = {}): Deadline {
    checkCallOptions(options)
    const { deadlineMs = this.#operationTimeoutMs } = options
    return new Deadline(deadlineMs, this.#closing.signal, { ...options, table })
  }
}

function withoutSignal(options: CallOptions): CallOptions {
  const calm: { signal?: AbortSignal } = { ...options }
  delete calm.signal
  return calm
}

/** Rows packed for one table would go to its regions. Throws CONFIGURATION. */
function batchOf(mutations: readonly Mutation[] | PackedRows, table: string): Batch {
  if (!(mutations instanceof PackedRows)) return new MutationList(mutations)
  if (mutations.table === table) return mutations
  const detail = `the rows were packed for ${mutations.table}`
  throw new HBaseError('CONFIGURATION', { table, detail })
}
