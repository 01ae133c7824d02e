import { setImmediate } from 'node:timers/promises'
import { SyncError } from '../../model/errors.ts'
import type { Finding } from '../../model/finding.ts'
import type { RowKey, RowMutation, StoredColumn, StoredRow } from '../../model/mutation.ts'
import type { StoredPage } from '../../model/page.ts'
import { otherFamilies, otherOwner, otherRows } from '../findings.ts'
import { refusal } from '../limits.ts'
import type { Changes, Puts, Rejected, ScanOptions, Sink, Target, WriteOptions } from '../sink.ts'
import type { MemoryCluster } from './cluster.ts'
import { MemoryWriter } from './writer.ts'
import { MemoryPage } from './stored-page.ts'
import { MemoryTable } from './table.ts'

const PAGE_ROWS = 1000

/** A sink in memory with HBase's rules for versions, markers and compaction. */
export class MemorySink implements Sink {
  private readonly cluster: MemoryCluster

  constructor(cluster: MemoryCluster) {
    this.cluster = cluster
  }

  server(): Promise<string> {
    return Promise.resolve('memory')
  }

  check(target: Target): Promise<readonly Finding[]> {
    const table = this.cluster.tables.get(target.table)
    return Promise.resolve(table === undefined ? [] : findings(target, table))
  }

  async prepare(target: Target): Promise<void> {
    const [found] = await this.check(target)
    if (found !== undefined) throw new SyncError(found.code, found.text)
    if (this.cluster.tables.has(target.table)) return
    this.cluster.tables.set(target.table, new MemoryTable(target.families, target.owner))
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- so that what it throws is a rejection
  async write(
    name: string,
    mutations: readonly RowMutation[],
    { signal }: WriteOptions,
  ): Promise<readonly Rejected[]> {
    signal?.throwIfAborted()
    const table = this.table(name)
    refuseFamilies(name, table, mutations)
    const rejected: Rejected[] = []
    for (const [index, mutation] of mutations.entries()) {
      const reason = refusal(mutation, this.cluster.maxCellBytes)
      if (reason === null) table.apply(mutation)
      else rejected.push({ index, reason })
    }
    return rejected
  }

  puts(table: string, columns: readonly StoredColumn[], version: number): Puts {
    return new MemoryWriter(columns, version, (puts, options) => this.write(table, puts, options))
  }

  changes(table: string, columns: readonly StoredColumn[], version: number): Changes {
    return new MemoryWriter(columns, version, (all, options) => this.write(table, all, options))
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- so that what it throws is a rejection
  async read(name: string, rows: readonly RowKey[]): Promise<readonly (StoredRow | null)[]> {
    const table = this.table(name)
    return rows.map((row) => table.read(row))
  }

  async *scan(name: string, options: ScanOptions): AsyncIterable<readonly StoredRow[]> {
    let { from } = options
    for (;;) {
      options.signal?.throwIfAborted()
      // Looked up anew for each page: the table may have been dropped
      const page = this.table(name).page({ ...options, from }, PAGE_ROWS)
      const last = page.at(-1)
      if (last === undefined) return
      yield page
      // Lets heartbeats through, as waiting for a server would
      await setImmediate()
      from = last.row
    }
  }

  async *pages(name: string, options: ScanOptions): AsyncIterable<StoredPage> {
    for await (const rows of this.scan(name, options)) yield new MemoryPage(rows)
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- so that what it throws is a rejection
  async drop(name: string, owner: string): Promise<boolean> {
    const table = this.cluster.tables.get(name)
    if (table === undefined) return false
    if (table.owner !== owner) throw otherOwner(name, table.owner)
    return this.cluster.tables.delete(name)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  private table(name: string): MemoryTable {
    const table = this.cluster.tables.get(name)
    if (table === undefined) throw new SyncError('TARGET_MISSING', name)
    return table
  }
}

function findings(target: Target, table: MemoryTable): Finding[] {
  const found = otherFamilies(target, table.families)
  if (table.owner === target.owner) return found
  const empty = table.page({ from: null, to: null }, 1).length === 0
  return found.concat(otherRows(target, table.owner, empty))
}

const utf8 = new TextDecoder()

function refuseFamilies(name: string, table: MemoryTable, mutations: readonly RowMutation[]): void {
  // Mutations of one mapping share the arrays, so few are left to look at
  const used = new Set(mutations.flatMap(({ families }) => families))
  for (const { cells } of mutations) for (const { column } of cells) used.add(column.family)
  for (const family of used)
    if (!table.families.includes(utf8.decode(family)))
      throw new SyncError('TARGET_FAMILIES', `${name} has no family ${utf8.decode(family)}`)
}
