import type { Fault } from './faults.ts'
import { backoffMs, isElsewhere } from './faults.ts'
import type { Deadline } from './deadline.ts'
import type { Locator } from './locator.ts'
import type { Region } from './region.ts'

/** What a round has left over. */
export class Leftover {
  readonly items: number[] = []
  fault: Fault | undefined

  /** These have to be sent again, after a pause that suits the fault; at once when there is none. */
  add(items: readonly number[], fault?: Fault): void {
    for (const item of items) this.items.push(item)
    if (fault !== undefined && (this.fault === undefined || fault.remedy === 'overloaded')) {
      this.fault = fault
    }
  }
}

export interface Rounds {
  readonly table: string
  readonly locator: Locator
  readonly deadline: Deadline
  rowOf(item: number): Uint8Array
  /** Sends everything once; what did not work out, but may, goes into `leftover`. */
  send(groups: ReadonlyMap<Region, readonly number[]>, leftover: Leftover): Promise<void>
}

/** How often regions may answer that they are not there before the table itself is asked about. */
const TABLE_CHECK_EVERY = 3

/**
 * Sends items grouped by region until none is left. Between rounds regions are located again, so
 * that moves, splits and lost servers are followed. Throws at the deadline.
 */
export async function inRounds(items: readonly number[], rounds: Rounds): Promise<void> {
  const { table, locator, deadline } = rounds
  let todo = items
  let attempts = 0
  let relocations = 0
  while (todo.length > 0) {
    deadline.check()
    const leftover = new Leftover()
    await rounds.send(await group(todo, rounds), leftover)
    todo = leftover.items
    if (leftover.fault === undefined) continue
    attempts++
    if (isElsewhere(leftover.fault) && ++relocations % TABLE_CHECK_EVERY === 0) {
      await locator.checkEnabled(table, deadline)
    }
    await deadline.pause(backoffMs(attempts, leftover.fault), leftover.fault, attempts)
  }
}

async function group(items: readonly number[], rounds: Rounds): Promise<Map<Region, number[]>> {
  const { table, locator, deadline } = rounds
  const groups = new Map<Region, number[]>()
  let last: { readonly region: Region; readonly items: number[] } | undefined
  for (const item of items) {
    const row = rounds.rowOf(item)
    const region = locator.known(table, row) ?? (await locator.locate(table, row, deadline))
    if (last?.region !== region) {
      let found = groups.get(region)
      if (found === undefined) groups.set(region, (found = []))
      last = { region, items: found }
    }
    last.items.push(item)
  }
  return groups
}

/** Waits for all, then throws what the first failure threw: nothing of the round goes on behind it. */
export async function allOf(tasks: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(tasks)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
}
