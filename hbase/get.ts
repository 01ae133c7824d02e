import { CellReader, NameCache } from './wire/cellblock.ts'
import { encodeGetOptions, encodeGets } from './get-request.ts'
import { Fault, RemoteFault } from './faults.ts'
import type { GetOptions, Result } from './types.ts'
import { inRounds } from './rounds.ts'
import type { Deadline } from './deadline.ts'
import { HBaseError } from './errors.ts'
import { placeOf } from './region.ts'
import type { Round } from './rounds.ts'
import type { Parcel } from './parcel.ts'
import type { Region } from './region.ts'
import type { Reply } from './call.ts'
import type { Wires } from './wires.ts'
import { checkSelection } from './selection.ts'
import { checkRow } from './check.ts'
import { pack } from './packing.ts'
import { parseMultiResponse } from './multi-response.ts'
import { understand } from './call.ts'
import { at } from './at.ts'

const MAX_GETS = 500
const LIMITS = {
  actions: MAX_GETS,
  bytes: Number.MAX_SAFE_INTEGER,
  sizeOf: () => 0,
  partLimitOf: () => MAX_GETS,
}

/** One call of `HBaseClient.get`. */
export class Read {
  readonly #wires: Wires
  readonly #table: string
  readonly #rows: readonly Uint8Array[]
  /** Everything of a Get but its row. */
  readonly #encoded: Buffer
  readonly #deadline: Deadline
  readonly #results: (Result | null)[]
  readonly #names = new NameCache()

  constructor(
    wires: Wires,
    what: { readonly table: string; readonly rows: readonly Uint8Array[] },
    options: GetOptions,
    deadline: Deadline,
  ) {
    this.#wires = wires
    this.#table = what.table
    this.#rows = what.rows
    checkSelection(options, what.table)
    this.#encoded = encodeGetOptions(options)
    this.#deadline = deadline
    this.#results = what.rows.map(() => null)
  }

  async run(): Promise<readonly (Result | null)[]> {
    for (const row of this.#rows) checkRow(row, this.#table)
    await inRounds([...this.#rows.keys()], {
      table: this.#table,
      locator: this.#wires.locator,
      deadline: this.#deadline,
      rowOf: (item) => at(this.#rows, item),
      pack: (groups) => pack(groups, LIMITS, ({ server }) => server),
      deliver: (parcel, round) => this.#deliver(parcel, round),
    })
    return this.#results
  }

  async #deliver(parcel: Parcel, round: Round): Promise<void> {
    const { pool, buffers, flights } = this.#wires
    try {
      const reply = await flights.run(parcel, this.#deadline, async () => {
        const request = encodeGets(parcel.parts, this.#rows, this.#encoded, buffers)
        const answer = await pool.send(parcel.server, 'ClientService', request, this.#deadline)
        buffers.give(request.bytes)
        return answer
      })
      understand('Multi', () => this.#settle(parcel, reply, round))
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      for (const { region, items } of parcel.parts) this.#failed(items, region, error, round)
    }
  }

  #settle({ parts }: Parcel, { parameter, cells }: Reply, round: Round): void {
    const results = parseMultiResponse(parameter, parts.length)
    const reader = new CellReader(cells, this.#names)
    parts.forEach(({ region, items }, i) => {
      const { fault, actions } = at(results, i)
      if (fault !== undefined) {
        this.#failed(items, region, fault, round)
        return
      }
      const unanswered = new Set(items)
      for (const action of actions) {
        const item = items[action.index]
        if (item === undefined || !unanswered.delete(item)) throw this.#misunderstood()
        if (action.fault !== undefined) this.#failed([item], region, action.fault, round)
        else this.#results[item] = this.#result(reader, action.cells, at(this.#rows, item))
      }
      if (unanswered.size > 0) throw this.#misunderstood()
    })
    if (reader.more) throw this.#misunderstood()
  }

  #result(reader: CellReader, count: number, asked: Uint8Array): Result | null {
    if (count === 0) return null
    const row = reader.row()
    if (Buffer.compare(row, asked) !== 0) throw this.#misunderstood()
    return { row, cells: Array.from({ length: count }, (_, column) => reader.next(column)) }
  }

  #failed(items: readonly number[], region: Region, fault: Fault, round: Round): void {
    if (fault instanceof RemoteFault && (fault.remedy === 'split' || round.isFinal(fault))) {
      throw fault.toError({ table: this.#table, ...placeOf(region) })
    }
    this.#wires.locator.learn(fault, region)
    round.again(items, region, fault)
  }

  #misunderstood(): HBaseError {
    return new HBaseError('PROTOCOL', {
      table: this.#table,
      detail: 'Multi: cells do not match rows',
    })
  }
}
