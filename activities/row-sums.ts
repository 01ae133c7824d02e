import type { RowKey, StoredColumn } from '../model/mutation.ts'
import type { RowVisitor, StoredPage } from '../model/page.ts'
import { bucketOf, type Buckets } from '../plan/buckets.ts'
import type { Versions } from '../plan/compare.ts'
import { RowBytes } from '../plan/digest.ts'
import type { Transform } from '../transform/transform.ts'
import { hash } from './hash.ts'
import type { SourcePage } from './pages.ts'

/** Which rows are summed, by their row keys. */
type IsChosen = (row: RowKey) => boolean

interface SumExpected {
  readonly transform: Transform
  readonly isChosen?: IsChosen
}

/** Adds a page of the source to buckets, as the target should have it. */
export function addExpected(
  page: SourcePage,
  buckets: Buckets,
  { transform, isChosen }: SumExpected,
): void {
  const sums = new ExpectedSums(transform.columns, buckets, isChosen)
  if (page.rows !== null) transform.visit(page.rows, sums)
  else
    for (const key of page.keys) {
      const row = transform.rowKey(key)
      sums.row(row, 0, row.length)
    }
  sums.end()
}

/** Gives a row the bytes that `rowDigest` hashes. */
class ExpectedSums implements RowVisitor {
  private readonly columns: readonly Uint8Array[]
  private readonly buckets: Buckets
  private readonly isChosen: IsChosen | undefined
  private readonly bytes = new RowBytes()
  private bucket = 0
  private cells = 0
  private isOpen = false

  constructor(columns: readonly StoredColumn[], buckets: Buckets, isChosen?: IsChosen) {
    this.columns = columns.map(({ family, qualifier }) => {
      const names = new RowBytes()
      names.add(family)
      names.add(qualifier)
      return names.whole
    })
    this.buckets = buckets
    this.isChosen = isChosen
  }

  row(bytes: Uint8Array, start: number, end: number): void {
    this.end()
    this.isOpen = this.isChosen?.(bytes.subarray(start, end)) ?? true
    if (!this.isOpen) return
    this.bucket = bucketOf(bytes, start, end)
    this.cells = 0
    this.bytes.clear()
    this.bytes.add(bytes, start, end)
  }

  cell(column: number, bytes: Uint8Array, start: number, end: number): void {
    if (!this.isOpen) return
    this.bytes.addWhole(this.columns[column] as Uint8Array)
    this.bytes.add(bytes, start, end)
    this.cells++
  }

  /** To be called after the last row. */
  end(): void {
    if (this.isOpen) this.buckets.addRow(this.bucket, this.cells, hash(this.bytes.whole))
    this.isOpen = false
  }
}

interface SumStored {
  /** Only which rows are there. */
  readonly keysOnly: boolean
  /** Versions that are known to be allowed; what is newer is asked for, after the rows were read. */
  readonly versions: (newest: number) => Promise<Versions>
  readonly isChosen?: IsChosen
}

/** The newest version of a page, which goes back to its beginning. */
function newestOf(page: StoredPage): number {
  let newest = 0
  while (page.nextRow())
    while (page.nextCell()) if (page.timestamp > newest) newest = page.timestamp
  page.rewind()
  return newest
}

/** Adds rows of the target to buckets. One with a version that nobody gave gets another sum than any row of the source. */
export async function addStored(
  page: StoredPage,
  buckets: Buckets,
  { keysOnly, versions, isChosen }: SumStored,
): Promise<void> {
  const { oldest, newest } = await versions(keysOnly ? 0 : newestOf(page))
  const row = new RowBytes()
  const { bytes } = page
  while (page.nextRow()) {
    if (isChosen?.(bytes.subarray(page.rowStart, page.rowEnd)) === false) continue
    row.clear()
    row.add(bytes, page.rowStart, page.rowEnd)
    let cells = 0
    let odd = 0n
    while (!keysOnly && page.nextCell()) {
      row.add(bytes, page.familyStart, page.qualifierStart)
      row.add(bytes, page.qualifierStart, page.qualifierEnd)
      row.add(bytes, page.valueStart, page.valueEnd)
      const { timestamp } = page
      if (timestamp < oldest || timestamp > newest) odd = 1n
      cells++
    }
    const bucket = bucketOf(bytes, page.rowStart, page.rowEnd)
    buckets.addRow(bucket, cells, hash(row.whole) + odd)
  }
}
