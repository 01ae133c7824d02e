import type {
  HBaseClient,
  Mutation,
  PackedRows,
  ScanOptions as ClientScan,
} from '../../hbase/index.ts'
import { compareBytes } from '../../model/bytes.ts'
import type { Finding } from '../../model/finding.ts'
import type { RowKey, RowMutation, StoredColumn, StoredRow } from '../../model/mutation.ts'
import type { StoredPage } from '../../model/page.ts'
import { MAX_ROW_BYTES, refusal } from '../limits.ts'
import type { Changes, Puts, Rejected, ScanOptions, Sink, Target, WriteOptions } from '../sink.ts'
import { encodeMutation, storedRow } from './cells.ts'
import { isAboutOneRow, translated, translating } from './failures.ts'
import { PackedWriter, placed } from './writer.ts'
import { checkTarget, dropTarget, prepareTarget } from './target.ts'

/** Who asks for the version wants to know soon whether the cluster is there at all. */
const GREETING_MS = 10_000

/** An HBase cluster. Deadlines and retries are the client's. */
export class HBaseSink implements Sink {
  private readonly client: HBaseClient
  private readonly maxCellBytes: number
  /** Memory of earlier writes: touching fresh memory costs more than filling it. */
  private readonly spare: PackedRows[] = []

  constructor(client: HBaseClient, maxCellBytes: number) {
    this.client = client
    this.maxCellBytes = maxCellBytes
  }

  async server(): Promise<string> {
    const greeted = () => this.client.version({ mostMs: GREETING_MS })
    return `HBase ${await translating(greeted)}`
  }

  check(target: Target): Promise<readonly Finding[]> {
    return translating(() => checkTarget(this.client, target))
  }

  prepare(target: Target): Promise<void> {
    return translating(() => prepareTarget(this.client, target))
  }

  async write(
    table: string,
    mutations: readonly RowMutation[],
    { atomic, signal }: WriteOptions,
  ): Promise<readonly Rejected[]> {
    signal?.throwIfAborted()
    const positions: number[] = []
    const rejected: Rejected[] = []
    const sent: Mutation[] = []
    for (const [index, mutation] of mutations.entries()) {
      const reason = refusal(mutation, this.maxCellBytes)
      const encoded = reason === null ? encodeMutation(mutation) : null
      if (reason !== null) rejected.push({ index, reason })
      // A mutation of nothing is neither sent nor rejected
      if (encoded === null || encoded.cells.length === 0) continue
      sent.push(encoded)
      positions.push(index)
    }
    const together = atomic || mutations.some(({ kind }) => kind !== 'put')
    const options = { atomic: together, ...(signal === undefined ? {} : { signal }) }
    const failed = await this.send(table, sent, options)
    return [...rejected, ...placed(failed, positions)]
  }

  puts(table: string, columns: readonly StoredColumn[], version: number): Puts {
    return this.writer(table, columns, version)
  }

  changes(table: string, columns: readonly StoredColumn[], version: number): Changes {
    return this.writer(table, columns, version)
  }

  async read(table: string, rows: readonly RowKey[]): Promise<readonly (StoredRow | null)[]> {
    // No row can have such a key, and asking for it is an error
    const possible = rows.filter(isPossible)
    const results = await translating(() => this.client.get(table, possible))
    let next = 0
    return rows.map((row) => {
      const result = isPossible(row) ? (results[next++] ?? null) : null
      return result === null ? null : storedRow(result)
    })
  }

  async *scan(table: string, options: ScanOptions): AsyncIterable<readonly StoredRow[]> {
    const scanned = (scan: ClientScan) => this.client.scan(table, scan)
    for await (const page of scanning(options, scanned)) yield page.map(storedRow)
  }

  pages(table: string, options: ScanOptions): AsyncIterable<StoredPage> {
    return scanning(options, (scan) => this.client.scanPacked(table, scan))
  }

  drop(table: string, owner: string): Promise<boolean> {
    return translating(() => dropTarget(this.client, table, owner))
  }

  close(): Promise<void> {
    return this.client.close()
  }

  private writer(table: string, columns: readonly StoredColumn[], version: number): PackedWriter {
    return new PackedWriter(this.packed(table), columns, {
      version,
      maxCellBytes: this.maxCellBytes,
      send: async (rows, options) => {
        const failed = await this.send(table, rows, options)
        this.keep(rows)
        return failed
      },
    })
  }

  /** Those that failed for good, by their position in what was sent. */
  private async send(
    table: string,
    sent: readonly Mutation[] | PackedRows,
    options: WriteOptions,
  ): Promise<readonly Rejected[]> {
    const { signal } = options
    const failures = await translating(() => this.client.mutate(table, sent, options), signal)
    // What fails for every row is no matter of the rows
    const forAll = failures.length === sent.length && sent.length > 1
    return failures.map(({ index, error }) => {
      if (!isAboutOneRow(error) || (forAll && error.code === 'REMOTE')) throw translated(error)
      return { index, reason: error.message }
    })
  }

  private packed(table: string): PackedRows {
    const at = this.spare.findIndex((rows) => rows.table === table)
    const [found] = at < 0 ? [] : this.spare.splice(at, 1)
    return found ?? this.client.packedRows(table)
  }

  private keep(rows: PackedRows): void {
    if (rows.bytes > SPARE_BYTES) return
    if (this.spare.length >= SPARE_ROWS) this.spare.shift()
    rows.clear()
    this.spare.push(rows)
  }
}

const NOTHING = new Uint8Array(0)

/** The pages of a scan, unless it is of nothing; its errors as ours. */
async function* scanning<Page>(
  options: ScanOptions,
  scan: (options: ClientScan) => AsyncIterable<Page>,
): AsyncIterable<Page> {
  const { from, to, signal } = options
  signal?.throwIfAborted()
  if (to !== null && compareBytes(from ?? NOTHING, to) >= 0) return
  try {
    yield* scan(clientScan(options))
  } catch (error) {
    signal?.throwIfAborted()
    throw translated(error)
  }
}

const SPARE_ROWS = 4
const SPARE_BYTES = 4 << 20

/** The rows of a page live until the next one: small pages die young, larger ones fill the old heap. */
const PAGE_BYTES = 512 * 1024

const isPossible = (row: RowKey): boolean => row.length > 0 && row.length <= MAX_ROW_BYTES

/** from < key <= to, as the client's start (exclusive) and stop (exclusive). */
const clientScan = ({ from, to, keysOnly, signal }: ScanOptions): ClientScan => ({
  ...(from === null ? {} : { start: from, startExclusive: true }),
  ...(to === null ? {} : { stop: following(to) }),
  ...(keysOnly === undefined ? {} : { keysOnly }),
  pageBytes: PAGE_BYTES,
  ...(signal === undefined ? {} : { signal }),
})

/** The first row key after this one; empty, which means the end of the table, when there is none. */
function following(row: RowKey): RowKey {
  if (row.length < MAX_ROW_BYTES) {
    const next = new Uint8Array(row.length + 1)
    next.set(row)
    return next
  }
  const next = new Uint8Array(row.subarray(0, MAX_ROW_BYTES))
  let last = next.length - 1
  while (last >= 0 && next[last] === 0xff) last--
  if (last >= 0) next[last] = (next[last] as number) + 1
  return next.subarray(0, last + 1)
}
