import { Fault, RemoteFault } from './faults.ts'
import type { Parcel, Part } from './parcel.ts'
import { allOf, inRounds } from './rounds.ts'
import type { Deadline } from './deadline.ts'
import type { Failure } from './types.ts'
import { HBaseError } from './errors.ts'
import type { HBaseErrorCode } from './errors.ts'
import type { Leftover } from './rounds.ts'
import type { Mutation } from './types.ts'
import type { PartResult } from './multi-response.ts'
import type { Region } from './region.ts'
import type { Wires } from './wires.ts'
import { checkMutation } from './check.ts'
import { Patience } from './patience.ts'
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
  readonly mutations: readonly Mutation[]
  readonly atomic: boolean
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
  readonly #patience = new Patience()

  constructor(wires: Wires, task: WriteTask, deadline: Deadline) {
    this.#wires = wires
    this.#task = task
    this.#deadline = deadline
    this.#bytes = new Float64Array(task.mutations.length)
  }

  async run(): Promise<readonly Failure[]> {
    const { table, mutations, atomic } = this.#task
    const items = this.#checked()
    // All writers take row locks in the same order, so atomic ones cannot wait for each other.
    if (atomic)
      items.sort((a, b) => Buffer.compare(at(mutations, a).row, at(mutations, b).row) || a - b)
    await inRounds(items, {
      table,
      locator: this.#wires.locator,
      deadline: this.#deadline,
      rowOf: (item) => at(mutations, item).row,
      send: (groups, leftover) => this.#send(groups, leftover),
    })
    return this.#failures.sort((a, b) => a.index - b.index)
  }

  #checked(): number[] {
    const items: number[] = []
    this.#task.mutations.forEach((mutation, item) => {
      const checked = checkMutation(mutation, this.#task)
      if (typeof checked === 'number') {
        this.#bytes[item] = checked + mutation.row.length + ACTION_BYTES
        items.push(item)
      } else {
        this.#fail(item, checked)
      }
    })
    return items
  }

  #fail(index: number, code: HBaseErrorCode, fault?: RemoteFault): void {
    const { table } = this.#task
    const error = new HBaseError(code, { table, remoteClass: fault?.className })
    this.#failures.push({ index, error })
  }

  async #send(groups: ReadonlyMap<Region, readonly number[]>, leftover: Leftover): Promise<void> {
    const { atomic } = this.#task
    this.#patience.nextRound()
    const limits = {
      actions: MAX_ACTIONS,
      bytes: MAX_BYTES,
      sizeOf: (item: number) => this.#bytes[item] ?? 0,
      partLimitOf: (item: number) => this.#partLimits.get(item) ?? MAX_ACTIONS,
    }
    const parcels = pack(groups, limits, (region) =>
      atomic ? `${region.server}#${laneOf(region)}` : region.server,
    )
    await allOf(parcels.map((parcel) => this.#deliver(parcel, leftover)))
  }

  async #deliver(parcel: Parcel, leftover: Leftover): Promise<void> {
    const gates = this.#wires.gates
    const lanes = this.#task.atomic ? gates.atomic : gates.server
    const leaveLane = await lanes.enter(parcel.lane, 1, this.#deadline)
    try {
      const leaveFlight = await gates.bytes.enter('', parcel.bytes, this.#deadline)
      try {
        this.#settle(parcel, await this.#call(parcel), leftover)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        this.#callFailed(parcel, error, leftover)
      } finally {
        leaveFlight()
      }
    } finally {
      leaveLane()
    }
  }

  async #call({ server, parts }: Parcel): Promise<readonly PartResult[]> {
    const { pool, buffers } = this.#wires
    const request = encodeWrites(parts, this.#task.mutations, this.#task.atomic, buffers)
    const { parameter } = await pool.send(server, 'ClientService', request, this.#deadline)
    buffers.give(request.bytes)
    return parseMultiResponse(parameter, parts.length)
  }

  /** Nothing is known about any row of the request: with explicit timestamps all can be sent again. */
  #callFailed({ parts }: Parcel, fault: Fault, leftover: Leftover): void {
    const refused = fault instanceof RemoteFault && this.#patience.isFinal(fault)
    if (refused) throw fault.toError({ table: this.#task.table })
    for (const part of parts) {
      if (fault instanceof RemoteFault && fault.remedy === 'split')
        this.#halve(part, fault, leftover)
      else this.#again(part.items, part.region, fault, leftover)
    }
  }

  #settle({ parts }: Parcel, results: readonly PartResult[], leftover: Leftover): void {
    parts.forEach((part, i) => {
      const result = at(results, i)
      if (result.fault !== undefined) this.#partFailed(part, result.fault, leftover)
      else if (!this.#task.atomic) this.#settleActions(part, result, leftover)
      else if (!result.processed || result.actions.some(({ fault }) => fault !== undefined)) {
        throw new HBaseError('PROTOCOL', {
          table: this.#task.table,
          detail: 'half an atomic change',
        })
      }
    })
  }

  #partFailed(part: Part, fault: RemoteFault, leftover: Leftover): void {
    if (this.#patience.isFinal(fault) || fault.remedy === 'split')
      this.#halve(part, fault, leftover)
    else this.#again(part.items, part.region, fault, leftover)
  }

  #settleActions(part: Part, { actions }: PartResult, leftover: Leftover): void {
    const unanswered = new Set(part.items)
    const refused: { readonly item: number; readonly fault: RemoteFault }[] = []
    for (const { index, fault } of actions) {
      const item = part.items[index]
      if (item === undefined || !unanswered.delete(item)) {
        throw new HBaseError('PROTOCOL', {
          table: this.#task.table,
          detail: 'Multi: unknown index',
        })
      }
      if (fault === undefined) continue
      if (this.#patience.isFinal(fault)) refused.push({ item, fault })
      else this.#again([item], part.region, fault, leftover)
    }
    if (unanswered.size > 0) {
      throw new HBaseError('PROTOCOL', {
        table: this.#task.table,
        detail: 'Multi: rows without answer',
      })
    }
    // One cell above the server's limit fails every action of its list alike (RSRpcServices.doBatchOp).
    if (refused.length === part.items.length) this.#halve(part, at(refused, 0).fault, leftover)
    else for (const { item, fault } of refused) this.#fail(item, fault.code, fault)
  }

  /** Finds the row that is to blame by sending both halves on their own; alone, it has failed. */
  #halve({ items }: Part, fault: RemoteFault, leftover: Leftover): void {
    if (WHOLE_TABLE.includes(fault.code)) throw fault.toError({ table: this.#task.table })
    if (items.length === 1) {
      this.#fail(at(items, 0), fault.code, fault)
      return
    }
    const half = Math.ceil(items.length / 2)
    for (const item of items) this.#partLimits.set(item, half)
    leftover.add(items)
  }

  #again(items: readonly number[], region: Region, fault: Fault, leftover: Leftover): void {
    this.#wires.locator.learn(fault, region)
    leftover.add(items, fault)
  }
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
