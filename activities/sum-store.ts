import { equalBytes } from '../model/bytes.ts'
import type { RowMutation, StoredColumn, StoredRow } from '../model/mutation.ts'
import { BucketSet, Buckets } from '../plan/buckets.ts'
import type { Counts } from '../plan/counts.ts'
import type { Sink } from '../sinks/sink.ts'

/** Sums are too large for the history; they are kept beside the rows they were taken of until they are compared. */
const SUM_TABLE = { table: 'longhaul:sums', families: ['s'], owner: 'longhaul', splits: [] }

/** How far a part of a side was read, and what it has given so far: one row, so that neither is ever without the other. */
export interface Sum {
  /** The last key that was added; null at the start. */
  readonly at: string | null
  readonly rows: number
  readonly ended: boolean
  readonly buckets: Buckets
}

/** What the comparison gave; kept before the sums are dropped, so that it can be asked again. */
export interface SumVerdict {
  readonly equal: Counts
  readonly unequal: BucketSet
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const FAMILY = bytes('s')
const STATE: StoredColumn = { family: FAMILY, qualifier: bytes('state') }
const DATA: StoredColumn = { family: FAMILY, qualifier: bytes('data') }
const VERDICT = 'verdict'

/** The sums of one verification of a table. */
export class SumStore {
  private readonly sink: Sink
  private readonly table: string
  private readonly id: string
  private prepared: Promise<void> | undefined

  /** `table` is `keptUnder`'s; `id` is not used by any other verification of it. */
  constructor(sink: Sink, table: string, id: string) {
    this.sink = sink
    this.table = table
    this.id = id
  }

  /** What is known of a part, such as `source|3`. */
  async sum(part: string): Promise<Sum> {
    const { state, data } = await this.get(part)
    if (state === null || data === null)
      return { at: null, rows: 0, ended: false, buckets: new Buckets() }
    const sum = { ...(state as Omit<Sum, 'buckets'>), buckets: new Buckets(data) }
    if (sum.buckets.size !== sum.rows) throw new Error(`The sum of ${part} is damaged`)
    return sum
  }

  /** Of two writers the one with the higher version is seen. */
  async keepSum(part: string, { buckets, ...state }: Sum, version: number): Promise<void> {
    await this.put(part, state, buckets.toBytes(), version)
  }

  async verdict(): Promise<SumVerdict | null> {
    const { state, data } = await this.get(VERDICT)
    if (state === null || data === null) return null
    const { equal, size } = state as { equal: Counts; size: number }
    const unequal = new BucketSet(data)
    if (unequal.size !== size) throw new Error('The verdict on the sums is damaged')
    return { equal, unequal }
  }

  /** Keeps the verdict alone: drops these sums, and all that earlier verifications of the table left behind. */
  async conclude({ equal, unequal }: SumVerdict): Promise<void> {
    await this.put(VERDICT, { equal, size: unequal.size }, unequal.toBytes(), 1)
    // `}` is the byte after `|`
    const options = { from: bytes(`${this.table}|`), to: bytes(`${this.table}}`), keysOnly: true }
    for await (const page of this.sink.scan(SUM_TABLE.table, options)) {
      const past = page.filter(({ row }) => !equalBytes(row, this.row(VERDICT)))
      await this.sink.write(SUM_TABLE.table, past.map(dropped), { atomic: true })
    }
  }

  private async get(part: string): Promise<{ state: unknown; data: Uint8Array | null }> {
    await (this.prepared ??= this.sink.prepare(SUM_TABLE))
    const [row = null] = await this.sink.read(SUM_TABLE.table, [this.row(part)])
    const state = cell(row, STATE)
    const text = state === null ? null : new TextDecoder().decode(state)
    return { state: text === null ? null : JSON.parse(text), data: cell(row, DATA) }
  }

  private async put(
    part: string,
    state: unknown,
    data: Uint8Array,
    version: number,
  ): Promise<void> {
    const mutation: RowMutation = {
      kind: 'put',
      row: this.row(part),
      version,
      families: [FAMILY],
      cells: [
        { column: STATE, value: bytes(JSON.stringify(state)) },
        { column: DATA, value: data },
      ],
    }
    const [rejected] = await this.sink.write(SUM_TABLE.table, [mutation], { atomic: true })
    if (rejected !== undefined)
      throw new Error(`The sums of ${this.table} cannot be kept: ${rejected.reason}`)
  }

  private readonly row = (part: string): Uint8Array => bytes(`${this.table}|${this.id}|${part}`)
}

const cell = (row: StoredRow | null, { qualifier }: StoredColumn): Uint8Array | null =>
  row?.cells.find((one) => equalBytes(one.qualifier, qualifier))?.value ?? null

/** Every version: those of sums are small numbers. */
const dropped = ({ row }: StoredRow): RowMutation => ({
  kind: 'remove',
  row,
  version: Date.now(),
  families: [FAMILY],
  cells: [],
})
