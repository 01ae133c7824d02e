import { SyncError } from './errors.ts'
import type { Row, Value } from './value.ts'

const NULL = -1
/** What a place can name. */
const MAX_BYTES = 0x7fffffff

/**
 * Rows in one piece, for those who read much: the bytes of all values, and where each one lies. No object per row or
 * value is made, until a row is asked for. Value `i` of row `r` lies from `spans[2 * k]` to `spans[2 * k + 1]` in
 * `bytes`, with k = r * columns + i; of a NULL both are below 0.
 */
export class RowPage implements Iterable<Row> {
  readonly columns: number
  private memory: Buffer
  private places: Int32Array
  private end = 0
  private values = 0

  /** `rows` and `bytes` are what it will probably hold; it grows. */
  constructor(columns: number, { rows = 16, bytes = 2048 } = {}) {
    this.columns = columns
    this.memory = Buffer.allocUnsafeSlow(bytes)
    this.places = new Int32Array(2 * columns * rows)
  }

  /** Copies rows of so many columns. */
  static of(columns: number, rows: Iterable<Row>): RowPage {
    const page = new RowPage(columns)
    for (const row of rows) for (const value of row) page.add(value)
    return page
  }

  get length(): number {
    return this.values / this.columns
  }

  /** Valid until a value is added. */
  get bytes(): Buffer {
    return this.memory
  }

  /** Valid until a value is added. */
  get spans(): Int32Array {
    return this.places
  }

  /** Bytes of all that was appended. */
  get size(): number {
    return this.end
  }

  /** Copies bytes and returns where they are now; `span` then says what of them is a value. */
  append(from: Uint8Array, start: number, end: number): number {
    const at = this.end
    const length = end - start
    if (at + length > this.memory.length) {
      if (at + length > MAX_BYTES)
        throw new SyncError('VALUE_UNREADABLE', 'rows of more than 2 GB cannot be read at once')
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.memory.length, at + length))
      this.memory.copy(larger, 0, 0, at)
      this.memory = larger
    }
    this.memory.set(start === 0 && end === from.length ? from : from.subarray(start, end), at)
    this.end = at + length
    return at
  }

  /** The next value, row by row, lies here in what was appended; a NULL lies nowhere. */
  span(start = NULL, end = NULL): void {
    const at = 2 * this.values++
    if (at >= this.places.length) {
      const larger = new Int32Array(Math.max(2 * this.places.length, 2 * this.columns))
      larger.set(this.places)
      this.places = larger
    }
    this.places[at] = start
    this.places[at + 1] = end
  }

  add(value: Value): void {
    if (value === null) this.span()
    else {
      const at = this.append(value, 0, value.length)
      this.span(at, at + value.length)
    }
  }

  /** Every value of a column but NULLs, as `change` makes it. */
  changeColumn(column: number, change: (value: Buffer) => Uint8Array): void {
    for (let i = 2 * column; i < 2 * this.values; i += 2 * this.columns) {
      const start = this.places[i] ?? NULL
      if (start === NULL) continue
      const changed = change(this.memory.subarray(start, this.places[i + 1]))
      const at = this.append(changed, 0, changed.length)
      this.places[i] = at
      this.places[i + 1] = at + changed.length
    }
  }

  /** A value of which every byte is a letter, as of numbers and dates; empty for NULL. */
  ascii(row: number, column: number): string {
    const i = 2 * (row * this.columns + column)
    const start = this.places[i] ?? NULL
    return start === NULL ? '' : this.memory.toString('latin1', start, this.places[i + 1])
  }

  /** A view of one value. */
  value(row: number, column: number): Value {
    const i = 2 * (row * this.columns + column)
    const start = this.places[i] ?? NULL
    return start === NULL ? null : this.memory.subarray(start, this.places[i + 1])
  }

  /** A view of one row; from the end if below 0. */
  at(row: number): Row | undefined {
    const no = row < 0 ? this.length + row : row
    if (no < 0 || no >= this.length) return undefined
    const values: Value[] = []
    for (let column = 0; column < this.columns; column++) values.push(this.value(no, column))
    return values
  }

  *[Symbol.iterator](): Iterator<Row> {
    for (let row = 0; row < this.length; row++) yield this.at(row) as Row
  }
}

/**
 * Rows of a target in one piece, with a cursor that walks over them. All positions are in `bytes`. To be read before the
 * next page is asked for, which may come in the same memory.
 */
export interface StoredPage {
  readonly length: number
  readonly bytes: Uint8Array
  /** The next row, before its first cell; false when there is none. */
  nextRow(): boolean
  readonly rowStart: number
  readonly rowEnd: number
  /** The next cell of the row; false when there is none. Each part ends where the next one starts. */
  nextCell(): boolean
  readonly familyStart: number
  readonly qualifierStart: number
  readonly qualifierEnd: number
  readonly valueStart: number
  readonly valueEnd: number
  readonly timestamp: number
  /** Back before the first row. */
  rewind(): void
  /** The key of any row. */
  keyAt(index: number): Uint8Array
}

/** Takes rows value by value, so that no object is made for any of them; what it is given it has to copy. */
export interface RowVisitor {
  /** The next row: its key lies from `start` to `end`. */
  row(bytes: Uint8Array, start: number, end: number): void
  /** A value of that row, in the column of this number; NULLs are passed over. `UNHELD` is known by its identity. */
  cell(column: number, bytes: Uint8Array, start: number, end: number): void
}

/**
 * Takes changes of rows value by value, each row begun by what becomes of it, as `RowMutation` says; what it is given it
 * has to copy.
 */
export interface ChangeVisitor {
  /** The key of the row lies from `start` to `end`, here and in the two below. */
  replace(bytes: Uint8Array, start: number, end: number): void
  update(bytes: Uint8Array, start: number, end: number): void
  remove(bytes: Uint8Array, start: number, end: number): void
  /** The column of an updated row is NULL now; before any of its cells. */
  clear(column: number): void
  /** As `RowVisitor.cell`. */
  cell(column: number, bytes: Uint8Array, start: number, end: number): void
}
