import { UNHELD, type RowMutation, type StoredColumn } from '../../model/mutation.ts'
import type { Puts, Rejected, WriteOptions } from '../sink.ts'

type Write = (
  mutations: readonly RowMutation[],
  options: WriteOptions,
) => Promise<readonly Rejected[]>

/** Makes a mutation of each row it is given. */
export class MemoryPuts implements Puts {
  private readonly columns: readonly StoredColumn[]
  private readonly version: number
  private readonly send: Write
  private readonly mutations: (RowMutation & { readonly cells: RowMutation['cells'][number][] })[] =
    []

  constructor(columns: readonly StoredColumn[], version: number, send: Write) {
    this.columns = columns
    this.version = version
    this.send = send
  }

  row(bytes: Uint8Array, start: number, end: number): void {
    const row = new Uint8Array(bytes.subarray(start, end))
    this.mutations.push({ kind: 'put', row, version: this.version, families: [], cells: [] })
  }

  cell(no: number, bytes: Uint8Array, start: number, end: number): void {
    const column = this.columns[no] as StoredColumn
    const value = bytes === UNHELD ? UNHELD : new Uint8Array(bytes.subarray(start, end))
    this.mutations.at(-1)?.cells.push({ column, value })
  }

  write(options: Pick<WriteOptions, 'signal'> = {}): Promise<readonly Rejected[]> {
    return this.send(this.mutations, { ...options, atomic: false })
  }
}
