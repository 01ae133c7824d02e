import {
  familiesOf,
  UNHELD,
  type Cell,
  type RowMutation,
  type StoredColumn,
} from '../../model/mutation.ts'
import type { Changes, Puts, Rejected, WriteOptions } from '../sink.ts'

type Write = (
  mutations: readonly RowMutation[],
  options: WriteOptions,
) => Promise<readonly Rejected[]>

/** Makes a mutation of each row it is given. */
export class MemoryWriter implements Puts, Changes {
  private readonly columns: readonly StoredColumn[]
  private readonly families: readonly Uint8Array[]
  private readonly version: number
  private readonly send: Write
  private readonly mutations: (RowMutation & { readonly cells: Cell[] })[] = []

  constructor(columns: readonly StoredColumn[], version: number, send: Write) {
    this.columns = columns
    this.families = familiesOf(columns)
    this.version = version
    this.send = send
  }

  row(bytes: Uint8Array, start: number, end: number): void {
    this.begin('put', bytes.subarray(start, end))
  }

  replace(bytes: Uint8Array, start: number, end: number): void {
    this.begin('replace', bytes.subarray(start, end))
  }

  update(bytes: Uint8Array, start: number, end: number): void {
    this.begin('update', bytes.subarray(start, end))
  }

  remove(bytes: Uint8Array, start: number, end: number): void {
    this.begin('remove', bytes.subarray(start, end))
  }

  cell(no: number, bytes: Uint8Array, start: number, end: number): void {
    this.add(no, bytes === UNHELD ? UNHELD : new Uint8Array(bytes.subarray(start, end)))
  }

  clear(no: number): void {
    this.add(no, null)
  }

  write(options: Pick<WriteOptions, 'signal'> = {}): Promise<readonly Rejected[]> {
    const atomic = this.mutations.some(({ kind }) => kind !== 'put')
    return this.send(this.mutations, { ...options, atomic })
  }

  private begin(kind: RowMutation['kind'], key: Uint8Array): void {
    const { version, families } = this
    this.mutations.push({ kind, row: new Uint8Array(key), version, families, cells: [] })
  }

  private add(no: number, value: Uint8Array | null): void {
    this.mutations.at(-1)?.cells.push({ column: this.columns[no] as StoredColumn, value })
  }
}
