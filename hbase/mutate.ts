import { Fault, RemoteFault } from './faults.ts'
import type { Parcel, Part } from './parcel.ts'
import { inRounds } from './rounds.ts'
import type { Deadline } from './deadline.ts'
import type { Failure } from './types.ts'
import { HBaseError } from './errors.ts'
import type { HBaseErrorCode, Where } from './errors.ts'
import type { Batch } from './batch.ts'
import type { PartResult } from './multi-response.ts'
import type { Region } from './region.ts'
import { asBuffer } from './wire/message.ts'
import { placeOf } from './region.ts'
import type { Round } from './rounds.ts'
import type { Wires } from './wires.ts'
import { encodeWrites } from './multi-request.ts'
import { pack } from './packing.ts'
import { parseMultiResponse } from './multi-response.ts'
import { at } from './at.ts'

const MAX_ACTIONS = 1000
const MAX_BYTES = 2 << 20
/** Requests with atomic actions use this many queues per server, each region always the same one. */
const ATOMIC_LANES = 4
/** Bytes an action takes besides its cells and row, at most. */
const ACTION_BYTES = 32

export interface WriteTask {
  readonly table: string
  readonly batch: Batch
  readonly atomic: boolean
  /** Mutations of one row one after the other. */
  readonly inOrder: boolean
  readonly maxCellBytes: number
}

/** One call of `HBaseClient.mutate`. */
export class Write {
  readonly #wires: Wires
  readonly #task: WriteTask
  readonly #deadline: Deadline
  readonly #failures: Failure[] = []
  readonly #bytes: Float64Array
  /** How many mutations may share a RegionAction with this one, where that is not MAX_ACTIONS. */
  readonly #partLimits = new Map<number, number>()
  #maxBytes = MAX_BYTES

  constructor(wires: Wires, task: WriteTask, deadline: Deadline) {
    this.#wires = wires
    this.#task = task
    this.#deadline = deadline
    this.#bytes = new Float64Array(task.batch.length)
  }

  async run(): Promise<readonly Failure[]> {
    const release = this.#task.batch.hold()
    try {
      await this.#write()
    } finally {
      release()
    }
    return this.#failures.sort((a, b) => a.index - b.index)
  }

  async #write(): Promise<void> {
    const { table, batch, inOrder } = this.#task
    const items = this.#checked()
    const isWhole = items.length === batch.length && !inOrder
    for (const wave of inOrder ? waves(items, batch) : [items]) {
      await inRounds(wave, {
        table,
        locator: this.#wires.locator,
        deadline: this.#deadline,
        rowOf: (item) => batch.rowOf(item),
        presorted: isWhole ? batch.presorted?.() : undefined,
        pack: (groups) => this.#pack(groups),
        deliver: (parcel, round) => this.#deliver(parcel, round),
      })
    }
  }

  #checked(): number[] {
    const { batch } = this.#task
    const items: number[] = []
    for (let item = 0; item < batch.length; item++) {
      const checked = batch.check(item, this.#task)
      if (typeof checked === 'number') {
        this.#bytes[item] = checked + batch.rowLength(item) + ACTION_BYTES
        items.push(item)
      } else {
        this.#fail(item, checked)
      }
    }
    return items
  }

  #fail(index: number, code: HBaseErrorCode, told: Where & { readonly remoteClass?: string } = {}) {
    this.#failures.push({
      index,
      error: new HBaseError(code, { table: this.#task.table, ...told }),
    })
  }

  #pack(groups: ReadonlyMap<Region, readonly number[]>): readonly Parcel[] {
    const { atomic, batch } = this.#task
    // All writers take row locks in the same order, so atomic ones cannot wait for each other.
    const sorted = atomic ? inRowOrder(groups, batch) : groups
    const limits = {
      actions: MAX_ACTIONS,
      bytes: this.#maxBytes,
      sizeOf: (item: number) => this.#bytes[item] ?? 0,
      partLimitOf: (item: number) => this.#partLimits.get(item) ?? MAX_ACTIONS,
    }
    return pack(sorted, limits, (region) =>
      atomic ? `${region.server}#${laneOf(region)}` : region.server,
    )
  }

  async #deliver(parcel: Parcel, round: Round): Promise<void> {
    const { atomic } = this.#task
    const lane = atomic ? parcel.lane : undefined
    try {
      const results = await this.#wires.flights.run({ ...parcel, lane }, this.#deadline, () =>
        round.mayLookAgain && this.#isForgotten(parcel)
          ? Promise.resolve(undefined)
          : this.#call(parcel),
      )
      if (results === undefined)
        for (const part of parcel.parts) round.again(part.items, part.region)
      else this.#settle(parcel, results, round)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      this.#callFailed(parcel, error, round)
    }
  }

  /** While it waited for its turn, others may have learnt that the server is gone or a region has moved. */
  #isForgotten({ parts }: Parcel): boolean {
    const { locator } = this.#wires
    return parts.some(({ region }) => locator.known(region.table, region.start) === undefined)
  }

  async #call({ server, parts }: Parcel): Promise<readonly PartResult[]> {
    const { pool, buffers } = this.#wires
    const request = encodeWrites(parts, this.#task.batch, this.#task.atomic, buffers)
    const { parameter } = await pool.send(server, 'ClientService', request, this.#deadline)
    buffers.give(request.bytes)
    return parseMultiResponse(parameter, parts.length)
  }

  /** Nothing is known about any row of the request: with explicit timestamps all can be sent again. */
  #callFailed(parcel: Parcel, fault: Fault, round: Round): void {
    const { server, parts } = parcel
    if (fault instanceof RemoteFault) {
      if (fault.remedy === 'split') {
        this.#cut(parcel, fault, round)
        return
      }
      if (round.isFinal(fault)) throw fault.toError({ table: this.#task.table, server })
    }
    for (const part of parts) this.#again(part.items, part.region, fault, round)
  }

  /** The request was larger than this server takes (hbase.ipc.max.request.size): half as much from now on. */
  #cut({ parts, bytes }: Parcel, fault: RemoteFault, round: Round): void {
    const items = parts.flatMap((part) => part.items)
    if (items.length === 1) this.#fail(at(items, 0), fault.code, about(at(parts, 0).region, fault))
    else {
      this.#maxBytes = Math.min(this.#maxBytes, bytes / 2)
      for (const part of parts) round.again(part.items, part.region)
    }
  }

  #settle({ parts }: Parcel, results: readonly PartResult[], round: Round): void {
    parts.forEach((part, i) => {
      const result = at(results, i)
      if (result.fault !== undefined) this.#partFailed(part, result.fault, round)
      else if (!this.#task.atomic) this.#settleActions(part, result, round)
      else if (!result.processed || result.actions.some(({ fault }) => fault !== undefined)) {
        throw this.#misunderstood('half an atomic change')
      }
    })
  }

  #partFailed(part: Part, fault: RemoteFault, round: Round): void {
    if (fault.remedy === 'split' || round.isFinal(fault)) this.#halve(part, fault, round)
    else this.#again(part.items, part.region, fault, round)
  }

  #settleActions(part: Part, { actions }: PartResult, round: Round): void {
    const answered = new Uint8Array(part.items.length)
    let count = 0
    const refused: { readonly item: number; readonly fault: RemoteFault }[] = []
    for (const { index, fault } of actions) {
      const item = part.items[index]
      if (item === undefined || answered[index] !== 0) {
        throw this.#misunderstood('Multi: unknown index')
      }
      answered[index] = 1
      count++
      if (fault === undefined) continue
      if (round.isFinal(fault)) refused.push({ item, fault })
      else this.#again([item], part.region, fault, round)
    }
    if (count < answered.length) throw this.#misunderstood('Multi: rows without answer')
    // One cell above the server's limit fails every action of its list alike (RSRpcServices.doBatchOp).
    if (refused.length === part.items.length) this.#halve(part, at(refused, 0).fault, round)
    else
      for (const { item, fault } of refused) this.#fail(item, fault.code, about(part.region, fault))
  }

  /** Finds the row that is to blame by sending both halves on their own; alone, it has failed. */
  #halve({ items, region }: Part, fault: RemoteFault, round: Round): void {
    if (WHOLE_TABLE.includes(fault.code)) {
      throw fault.toError({ table: this.#task.table, ...placeOf(region) })
    }
    if (items.length === 1) {
      this.#fail(at(items, 0), fault.code, about(region, fault))
      return
    }
    const half = Math.ceil(items.length / 2)
    for (const item of items) this.#partLimits.set(item, half)
    round.again(items, region)
  }

  #again(items: readonly number[], region: Region, fault: Fault, round: Round): void {
    if (fault.remedy === 'overloaded') this.#wires.flights.overloaded(region.server)
    this.#wires.locator.learn(fault, region)
    round.again(items, region, fault)
  }

  #misunderstood(detail: string): HBaseError {
    return new HBaseError('PROTOCOL', { table: this.#task.table, detail })
  }
}

const about = (region: Region, { className }: RemoteFault) => ({
  ...placeOf(region),
  remoteClass: className,
})

const inRowOrder = (
  groups: ReadonlyMap<Region, readonly number[]>,
  batch: Batch,
): ReadonlyMap<Region, readonly number[]> =>
  new Map(
    Array.from(groups, ([region, items]) => [
      region,
      items.toSorted((a, b) => batch.compareRows(a, b) || a - b),
    ]),
  )

/** The first mutation of every row, then the second, and so on. */
function waves(items: readonly number[], batch: Batch): number[][] {
  const found: number[][] = []
  const counts = new Map<string, number>()
  for (const item of items) {
    const key = asBuffer(batch.rowOf(item)).toString('latin1')
    const before = counts.get(key) ?? 0
    counts.set(key, before + 1)
    const wave = (found[before] ??= [])
    wave.push(item)
  }
  return found
}

/** Refusals that have nothing to do with single rows. */
const WHOLE_TABLE: readonly HBaseErrorCode[] = [
  'TABLE_NOT_FOUND',
  'TABLE_DISABLED',
  'ACCESS_DENIED',
  'QUOTA_EXCEEDED',
  'NAMESPACE_NOT_FOUND',
]

const laneOf = ({ name }: Region): number => (name.at(-2) ?? 0) % ATOMIC_LANES
