import { KeyType, PackedColumn, type PackedRows } from '../../hbase/index.ts'
import { familiesOf, UNHELD, type RowMutation, type StoredColumn } from '../../model/mutation.ts'
import { cellBytes, refusedRow, tooLarge, unheld } from '../limits.ts'
import type { Changes, Puts, Rejected, WriteOptions } from '../sink.ts'

interface WriterOptions {
  readonly version: number
  readonly maxCellBytes: number
  /** Those that failed, by their position in what was sent. */
  send(rows: PackedRows, options: WriteOptions): Promise<readonly Rejected[]>
}

/** Rows that are packed as they are given; what HBase could never take is left out and named. */
export class PackedWriter implements Puts, Changes {
  private readonly rows: PackedRows
  private readonly stored: readonly StoredColumn[]
  private readonly columns: readonly PackedColumn[]
  /** Made when the first change of its kind comes; a load has none. */
  private familyMarkers: readonly PackedColumn[] | undefined
  private columnMarkers: readonly PackedColumn[] | undefined
  private readonly options: WriterOptions
  private readonly rejected: Rejected[] = []
  /** Which of the rows given each packed one is. */
  private readonly positions: number[] = []
  private given = 0
  /** Of the row given last. */
  private rowBytes = 0
  private cells = 0
  private isPacked = false
  private atomic = false
  private reason: string | null = null

  constructor(rows: PackedRows, stored: readonly StoredColumn[], options: WriterOptions) {
    this.rows = rows
    this.stored = stored
    this.columns = stored.map(({ family, qualifier }) => new PackedColumn(family, qualifier))
    this.options = options
  }

  row(bytes: Uint8Array, start: number, end: number): void {
    this.begin('put', bytes, start, end)
  }

  /** A marker hides values of its own time too: one below them. */
  replace(bytes: Uint8Array, start: number, end: number): void {
    this.begin('replace', bytes, start, end)
    this.markFamilies(this.options.version - 1)
  }

  update(bytes: Uint8Array, start: number, end: number): void {
    this.begin('update', bytes, start, end)
  }

  remove(bytes: Uint8Array, start: number, end: number): void {
    this.begin('remove', bytes, start, end)
    this.markFamilies(this.options.version)
  }

  cell(no: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.reason !== null) return
    const column = this.columns[no] as PackedColumn
    if (bytes === UNHELD) this.reason = unheld(this.stored[no] as StoredColumn)
    else if (this.fits(no, end - start)) {
      this.rows.put(column, bytes, start, end)
      this.cells++
    }
  }

  clear(no: number): void {
    if (this.reason !== null || !this.fits(no, 0)) return
    this.columnMarkers ??= this.stored.map(
      ({ family, qualifier }) => new PackedColumn(family, qualifier, KeyType.deleteColumn),
    )
    this.rows.mark(this.columnMarkers[no] as PackedColumn, this.options.version)
    this.cells++
  }

  async write({ signal }: Pick<WriteOptions, 'signal'> = {}): Promise<readonly Rejected[]> {
    signal?.throwIfAborted()
    this.endRow()
    const options = { atomic: this.atomic, ...(signal === undefined ? {} : { signal }) }
    const failed = await this.options.send(this.rows, options)
    return [...this.rejected, ...placed(failed, this.positions)]
  }

  private begin(kind: RowMutation['kind'], bytes: Uint8Array, start: number, end: number): void {
    this.endRow()
    this.given++
    this.rowBytes = end - start
    this.cells = 0
    this.atomic ||= kind !== 'put'
    const { version } = this.options
    this.reason = refusedRow(this.rowBytes, version, kind === 'replace' ? 1 : 0)
    this.isPacked = this.reason === null
    if (this.isPacked) this.rows.row(bytes.subarray(start, end), version)
  }

  private markFamilies(version: number): void {
    if (this.reason !== null) return
    this.familyMarkers ??= familiesOf(this.stored).map(
      (family) => new PackedColumn(family, NOTHING, KeyType.deleteFamily),
    )
    for (const family of this.familyMarkers) this.rows.mark(family, version)
    this.cells += this.familyMarkers.length
  }

  private fits(no: number, bytes: number): boolean {
    const { maxCellBytes } = this.options
    const size = cellBytes(this.rowBytes, (this.columns[no] as PackedColumn).names, bytes)
    if (size <= maxCellBytes) return true
    this.reason = tooLarge(this.stored[no] as StoredColumn, size, maxCellBytes)
    return false
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

const NOTHING = new Uint8Array(0)

/** What was sent back by its position among what was sent, by its position among what was given. */
export const placed = (
  failed: readonly Rejected[],
  positions: readonly number[],
): readonly Rejected[] =>
  failed.map(({ index, reason }) => ({ index: positions[index] ?? index, reason }))
