import { SyncError } from '../../model/errors.ts'
import type { CaptureCost } from '../../model/cost.ts'
import type { Finding } from '../../model/finding.ts'
import { parseKey } from '../../model/key.ts'
import { MatchedRows } from '../../model/matched-rows.ts'
import { RowPage } from '../../model/page.ts'
import type { TableSchema } from '../../model/table.ts'
import type { KeyText, Row } from '../../model/value.ts'
import type { Capture, ReadOptions, RowReader, Source, SourceLoad } from '../../sources/source.ts'
import { MemoryCapture } from './capture.ts'
import type { MemoryDatabase, Table } from './database.ts'

/**
 * Runs one statement or one transaction. Whoever opens a source says when: at once, or when a scheduler lets it.
 * `ready` says whether it could have the locks it needs.
 */
export type Run = <Result>(
  what: string,
  work: () => Result | Promise<Result>,
  ready?: () => boolean,
) => Promise<Result>

export const atOnce: Run = (_what, work) =>
  new Promise((resolve) => {
    resolve(work())
  })

/** How much one statement or transaction takes at once; small numbers stand for many rows. */
export interface Sizes {
  readonly page: number
  readonly matched: number
  readonly acknowledged: number
  readonly compacted: number
}

const LARGE: Sizes = { page: 1000, matched: 500, acknowledged: 50, compacted: 200 }

/** A source on the database in memory; as many as are wanted may share one, each with its own `run`. */
export class MemorySource implements Source {
  readonly server = 'memory 1'
  readonly sealSecret = 'memory'
  readonly rows: RowReader
  private readonly database: MemoryDatabase
  private readonly run: Run
  private readonly sizes: Sizes

  constructor(database: MemoryDatabase, run: Run = atOnce, sizes: Sizes = LARGE) {
    this.database = database
    this.run = run
    this.sizes = sizes
    this.rows = new MemoryRows(database, run, sizes)
  }

  describe(name: string): Promise<TableSchema> {
    return this.run('describes the table', () => this.database.table(name).schema)
  }

  check(tables: readonly TableSchema[]): Promise<readonly Finding[]> {
    return Promise.resolve(tables.flatMap(findings))
  }

  load(): Promise<SourceLoad> {
    return Promise.resolve({ threadsRunning: 1, replicas: [] })
  }

  capture(project: string): Capture {
    return new MemoryCapture(this.database, project, this.run, this.sizes)
  }

  /** There are no triggers here, and nobody waits for the log. */
  cost(): Promise<CaptureCost> {
    return Promise.resolve({ rows: 0, insert: null, update: null, delete: null })
  }

  captured(): Promise<readonly string[]> {
    return Promise.resolve([...this.database.units.keys()])
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

interface Found {
  readonly key: KeyText
  readonly row: Row
}

class MemoryRows implements RowReader {
  private readonly database: MemoryDatabase
  private readonly run: Run
  private readonly sizes: Sizes

  constructor(database: MemoryDatabase, run: Run, sizes: Sizes) {
    this.database = database
    this.run = run
    this.sizes = sizes
  }

  estimate({ name }: TableSchema): Promise<number> {
    return Promise.resolve(this.database.table(name).rows.size)
  }

  async boundaries(
    { name }: TableSchema,
    from: KeyText | null,
    size: number,
    max: number,
  ): Promise<KeyText[]> {
    const table = this.database.table(name)
    const found: KeyText[] = []
    while (found.length < max) {
      const last = found.at(-1) ?? from
      const end = await this.run('reads a boundary', () => after(table, last, null)[size - 1]?.key)
      if (end === undefined) break
      found.push(end)
    }
    return found
  }

  /** The next page is asked for before one is given, as the reader of MySQL does. */
  async *range(
    table: TableSchema,
    from: KeyText | null,
    to: KeyText | null,
    { signal }: ReadOptions = {},
  ): AsyncIterable<RowPage> {
    const { name } = table
    let next: Promise<Found[]> | null = this.page(name, from, to)
    try {
      while (next !== null) {
        const found: Found[] = await next
        signal?.throwIfAborted()
        const last = found.at(-1)
        next =
          last === undefined || found.length < this.sizes.page
            ? null
            : this.page(name, last.key, to)
        next?.catch(() => undefined)
        if (found.length > 0)
          yield RowPage.of(
            table.columns.length,
            found.map(({ row }) => row),
          )
      }
    } finally {
      await next?.catch(() => undefined)
    }
  }

  async *keys(
    { name }: TableSchema,
    from: KeyText | null,
    to: KeyText | null,
  ): AsyncIterable<readonly KeyText[]> {
    for (let last = from; ;) {
      const found: Found[] = await this.page(name, last, to)
      if (found.length > 0) yield found.map(({ key }) => key)
      if (found.length < this.sizes.page) return
      last = found.at(-1)?.key ?? last
    }
  }

  async matching(schema: TableSchema, keys: readonly KeyText[]): Promise<MatchedRows> {
    for (const key of keys)
      if (parseKey(key).length !== schema.key.length)
        throw new SyncError('LOG_KEY_UNREADABLE', `${schema.name} has a key of other columns`)
    const { rows } = this.database.table(schema.name)
    const found = new Map<KeyText, Row>()
    const parts: Promise<void>[] = []
    for (let i = 0; i < keys.length; i += this.sizes.matched) {
      const some = keys.slice(i, i + this.sizes.matched)
      const look = (): void => {
        for (const key of some) {
          const row = rows.get(key)
          if (row !== undefined) found.set(key, row)
        }
      }
      parts.push(this.run(`reads the rows ${some.join(' ')}`, look))
    }
    await Promise.all(parts)
    return MatchedRows.of(found)
  }

  async existing(table: TableSchema, keys: readonly KeyText[]): Promise<ReadonlySet<KeyText>> {
    return new Set((await this.matching(table, keys)).keys())
  }

  private page(name: string, last: KeyText | null, to: KeyText | null): Promise<Found[]> {
    const table = this.database.table(name)
    return this.run(`reads a page after ${last ?? 'the beginning'}`, () =>
      after(table, last, to).slice(0, this.sizes.page),
    )
  }
}

/** In the order of the key; a null bound is open. */
function after({ rows, order }: Table, from: KeyText | null, to: KeyText | null): Found[] {
  const found: Found[] = []
  for (const [key, row] of rows)
    if ((from === null || order(key, from) > 0) && (to === null || order(key, to) <= 0))
      found.push({ key, row })
  return found.sort((a, b) => order(a.key, b.key))
}

const findings = ({ name, key }: TableSchema): Finding[] =>
  key.length > 0
    ? []
    : [{ code: 'KEY_MISSING', about: name, text: 'Add a primary key', blocks: true }]
