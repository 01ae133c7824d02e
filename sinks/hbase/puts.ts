import { PackedColumn, type PackedRows } from '../../hbase/index.ts'
import { UNHELD, type StoredColumn } from '../../model/mutation.ts'
import { cellBytes, refusedRow, tooLarge, unheld } from '../limits.ts'
import type { Puts, Rejected, WriteOptions } from '../sink.ts'

interface PutOptions {
  readonly version: number
  readonly maxCellBytes: number
  /** Those that failed, by their position in what was sent. */
  send(rows: PackedRows, signal: AbortSignal | undefined): Promise<readonly Rejected[]>
}

/** Rows that are packed as they are given; what HBase could never take is left out and named. */
export class PackedPuts implements Puts {
  private readonly rows: PackedRows
  private readonly stored: readonly StoredColumn[]
  private readonly columns: readonly PackedColumn[]
  private readonly options: PutOptions
  private readonly rejected: Rejected[] = []
  /** Which of the rows given each packed one is. */
  private readonly positions: number[] = []
  private given = 0
  /** Of the row given last. */
  private rowBytes = 0
  private cells = 0
  private isPacked = false
  private reason: string | null = null

  constructor(rows: PackedRows, stored: readonly StoredColumn[], options: PutOptions) {
    this.rows = rows
    this.stored = stored
    this.columns = stored.map(({ family, qualifier }) => new PackedColumn(family, qualifier))
    this.options = options
  }

  row(bytes: Uint8Array, start: number, end: number): void {
    this.endRow()
    this.given++
    this.rowBytes = end - start
    this.cells = 0
    this.reason = refusedRow(this.rowBytes, this.options.version)
    this.isPacked = this.reason === null
    if (this.isPacked) this.rows.row(bytes.subarray(start, end), this.options.version)
  }

  cell(column: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.reason !== null) return
    const packed = this.columns[column] as PackedColumn
    const size = cellBytes(this.rowBytes, packed.names, end - start)
    if (bytes !== UNHELD && size <= this.options.maxCellBytes) {
      this.rows.put(packed, bytes, start, end)
      this.cells++
      return
    }
    const stored = this.stored[column] as StoredColumn
    this.reason =
      bytes === UNHELD ? unheld(stored) : tooLarge(stored, size, this.options.maxCellBytes)
  }

  async write({ signal }: Pick<WriteOptions, 'signal'> = {}): Promise<readonly Rejected[]> {
    signal?.throwIfAborted()
    this.endRow()
    const failed = await this.options.send(this.rows, signal)
    return [...this.rejected, ...placed(failed, this.positions)]
  }

  /** A row that is refused, or has no cell, is not sent. */
  private endRow(): void {
    const index = this.given - 1
    if (this.reason !== null) this.rejected.push({ index, reason: this.reason })
    if (!this.isPacked) return
    if (this.reason !== null || this.cells === 0) this.rows.withdraw()
    else this.positions.push(index)
    this.isPacked = false
  }
}

/** What was sent back by its position among what was sent, by its position among what was given. */
export const placed = (
  failed: readonly Rejected[],
  positions: readonly number[],
): readonly Rejected[] =>
  failed.map(({ index, reason }) => ({ index: positions[index] ?? index, reason }))
