import type {
  Changes,
  Puts,
  Rejected,
  ScanOptions,
  Sink,
  Target,
  WriteOptions,
} from '../../sinks/sink.ts'
import type { RowKey, RowMutation, StoredColumn, StoredRow } from '../../model/mutation.ts'
import { MemoryWriter } from '../../sinks/memory/writer.ts'
import type { StoredPage } from '../../model/page.ts'
import type { Finding } from '../../model/finding.ts'
import type { Run } from './source.ts'

/** The same sink, where every row is written by a call of its own: they arrive in any order, or some of them never. */
export class SpreadSink implements Sink {
  private readonly sink: Sink
  private readonly run: Run

  constructor(sink: Sink, run: Run) {
    this.sink = sink
    this.run = run
  }

  async write(
    table: string,
    mutations: readonly RowMutation[],
    options: WriteOptions,
  ): Promise<readonly Rejected[]> {
    const answers = await Promise.all(
      mutations.map((mutation) =>
        this.run(`writes ${mutation.kind} ${Buffer.from(mutation.row).toString()}`, () =>
          this.sink.write(table, [mutation], options),
        ),
      ),
    )
    return answers.flatMap((rejected, index) => rejected.map((one) => ({ ...one, index })))
  }

  puts(table: string, columns: readonly StoredColumn[], version: number): Puts {
    return new MemoryWriter(columns, version, (puts, options) => this.write(table, puts, options))
  }

  changes(table: string, columns: readonly StoredColumn[], version: number): Changes {
    return new MemoryWriter(columns, version, (all, options) => this.write(table, all, options))
  }

  server(): Promise<string> {
    return this.sink.server()
  }

  check(target: Target): Promise<readonly Finding[]> {
    return this.sink.check(target)
  }

  prepare(target: Target): Promise<void> {
    return this.sink.prepare(target)
  }

  read(table: string, rows: readonly RowKey[]): Promise<readonly (StoredRow | null)[]> {
    return this.sink.read(table, rows)
  }

  scan(table: string, options: ScanOptions): AsyncIterable<readonly StoredRow[]> {
    return this.sink.scan(table, options)
  }

  pages(table: string, options: ScanOptions): AsyncIterable<StoredPage> {
    return this.sink.pages(table, options)
  }

  drop(table: string, owner: string): Promise<boolean> {
    return this.sink.drop(table, owner)
  }

  close(): Promise<void> {
    return this.sink.close()
  }
}
