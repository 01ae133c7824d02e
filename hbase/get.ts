import { CellReader, NameCache } from './wire/cellblock.ts'
import { Empty, MultiRequest } from './wire/messages.ts'
import { Fault, RemoteFault } from './faults.ts'
import type { GetOptions, Result } from './types.ts'
import { allOf, inRounds } from './rounds.ts'
import type { Deadline } from './deadline.ts'
import { HBaseError } from './errors.ts'
import type { Leftover } from './rounds.ts'
import type { Parcel } from './parcel.ts'
import type { Region } from './region.ts'
import type { Reply } from './call.ts'
import type { Wires } from './wires.ts'
import { checkRow } from './check.ts'
import { Patience } from './patience.ts'
import { pack } from './packing.ts'
import { parseMultiResponse } from './multi-response.ts'
import { requestOf, understand } from './call.ts'
import { specifierOf } from './region.ts'
import { at } from './at.ts'

const MULTI = { name: 'Multi', request: MultiRequest, response: Empty }
const MAX_GETS = 500
const NO_LIMIT = Number.MAX_SAFE_INTEGER

/** One call of `HBaseClient.get`. */
export class Read {
  readonly #wires: Wires
  readonly #table: string
  readonly #rows: readonly Uint8Array[]
  readonly #options: GetOptions
  readonly #deadline: Deadline
  readonly #results: (Result | null)[]
  readonly #names = new NameCache()
  readonly #patience = new Patience()

  constructor(
    wires: Wires,
    what: { readonly table: string; readonly rows: readonly Uint8Array[] },
    options: GetOptions,
    deadline: Deadline,
  ) {
    this.#wires = wires
    this.#table = what.table
    this.#rows = what.rows
    this.#options = options
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
      send: (groups, leftover) => this.#send(groups, leftover),
    })
    return this.#results
  }

  async #send(groups: ReadonlyMap<Region, readonly number[]>, leftover: Leftover): Promise<void> {
    this.#patience.nextRound()
    const limits = {
      actions: MAX_GETS,
      bytes: NO_LIMIT,
      sizeOf: () => 0,
      partLimitOf: () => MAX_GETS,
    }
    const parcels = pack(groups, limits, ({ server }) => server)
    await allOf(parcels.map((parcel) => this.#deliver(parcel, leftover)))
  }

  async #deliver(parcel: Parcel, leftover: Leftover): Promise<void> {
    const leave = await this.#wires.gates.server.enter(parcel.lane, 1, this.#deadline)
    try {
      const request = requestOf(MULTI, this.#question(parcel))
      const { pool } = this.#wires
      const reply = await pool.send(parcel.server, 'ClientService', request, this.#deadline)
      understand('Multi', () => this.#settle(parcel, reply, leftover))
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      for (const { region, items } of parcel.parts) this.#failed(items, region, error, leftover)
    } finally {
      leave()
    }
  }

  #question({ parts }: Parcel) {
    const { families = [], versions, timeRange } = this.#options
    const columns = families.map((family) => ({ family: Buffer.from(family), qualifiers: [] }))
    return {
      regionActions: parts.map(({ region, items }) => ({
        region: specifierOf(region.name),
        actions: items.map((item, index) => ({
          index,
          get: { row: at(this.#rows, item), columns, timeRange, maxVersions: versions },
        })),
      })),
    }
  }

  #settle({ parts }: Parcel, { parameter, cells }: Reply, leftover: Leftover): void {
    const results = parseMultiResponse(parameter, parts.length)
    const reader = new CellReader(cells, this.#names)
    parts.forEach(({ region, items }, i) => {
      const { fault, actions } = at(results, i)
      if (fault !== undefined) {
        this.#failed(items, region, fault, leftover)
        return
      }
      if (actions.length !== items.length) throw this.#misunderstood()
      for (const action of actions) {
        const item = items[action.index]
        if (item === undefined) throw this.#misunderstood()
        if (action.fault !== undefined) this.#failed([item], region, action.fault, leftover)
        else this.#results[item] = this.#result(reader, action.cells)
      }
    })
    if (reader.more) throw this.#misunderstood()
  }

  #result(reader: CellReader, count: number): Result | null {
    if (count === 0) return null
    const row = reader.row()
    return { row, cells: Array.from({ length: count }, (_, column) => reader.next(column)) }
  }

  #failed(items: readonly number[], region: Region, fault: Fault, leftover: Leftover): void {
    if (
      fault instanceof RemoteFault &&
      (this.#patience.isFinal(fault) || fault.remedy === 'split')
    ) {
      throw fault.toError({ table: this.#table })
    }
    this.#wires.locator.learn(fault, region)
    leftover.add(items, fault)
  }

  #misunderstood(): HBaseError {
    return new HBaseError('PROTOCOL', {
      table: this.#table,
      detail: 'Multi: cells do not match rows',
    })
  }
}
