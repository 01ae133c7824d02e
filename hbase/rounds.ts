import { backoffMs, isElsewhere } from './faults.ts'
import type { Deadline } from './deadline.ts'
import type { Locator } from './locator.ts'
import type { Parcel } from './parcel.ts'
import { Patience } from './patience.ts'
import type { Region } from './region.ts'
import type { Fault, RemoteFault } from './faults.ts'
import { encodedNameOf } from './region.ts'
import { retries, toldOf } from './channels.ts'

/** One try to send one parcel: collects what has to be sent again, and why. */
export class Round {
  readonly items: number[] = []
  /** Whether a region that was forgotten while the parcel waited is looked up again first. */
  readonly mayLookAgain: boolean
  readonly #patience: Patience
  fault: Fault | undefined
  region: Region | undefined

  constructor(patience: Patience, mayLookAgain: boolean) {
    this.#patience = patience
    this.mayLookAgain = mayLookAgain
  }

  /** These have to be sent again, after a pause that suits the fault; at once when there is none. */
  again(items: readonly number[], region: Region, fault?: Fault): void {
    for (const item of items) this.items.push(item)
    if (fault === undefined) return
    if (this.fault !== undefined && fault.remedy !== 'overloaded') return
    this.fault = fault
    this.region = region
  }

  /** Is it no use to try again? However many rows fail alike in a round, it counts as one try. */
  isFinal(fault: RemoteFault): boolean {
    return this.#patience.isFinal(fault)
  }
}

export interface Rounds {
  readonly table: string
  readonly locator: Locator
  readonly deadline: Deadline
  rowOf(item: number): Uint8Array
  /** All items by the region they were thought to lie in; asked once, and looked at with doubt. */
  readonly presorted?: Iterable<readonly [Region | undefined, readonly number[]]> | undefined
  pack(groups: ReadonlyMap<Region, readonly number[]>): readonly Parcel[]
  /** Sends a parcel once; what did not work out, but may, goes into the round. */
  deliver(parcel: Parcel, round: Round): Promise<void>
}

/** What a branch of an operation has been through. */
interface Past {
  readonly attempts: number
  readonly relocations: number
  readonly patience: Patience
  /** Nothing was sent the last time: once is enough. */
  readonly lookedAgain: boolean
}

const BEGINNING = { attempts: 0, relocations: 0, patience: new Patience(), lookedAgain: false }

/**
 * Sends items, grouped by region, until none is left. Every parcel is tried again on its own: one
 * server that is slow or gone does not keep the rows of others waiting. Before each try regions are
 * located again, so that moves, splits and lost servers are followed. Throws at the deadline, or
 * when something is refused for good; nothing of the operation goes on behind that.
 */
export async function inRounds(items: readonly number[], rounds: Rounds): Promise<void> {
  const ending = { failed: false }
  const { presorted, ...rest } = rounds
  await branch(items, { ...rest, ending }, BEGINNING, presorted)
}

interface Branching extends Rounds {
  /** Shared by all branches: where one has failed for good, the others need not go on. */
  readonly ending: { failed: boolean }
}

async function branch(
  items: readonly number[],
  rounds: Branching,
  past: Past,
  presorted?: Rounds['presorted'],
): Promise<void> {
  if (items.length === 0 || rounds.ending.failed) return
  rounds.deadline.check()
  const parcels = rounds.pack(await group(items, rounds, presorted))
  await allOf(
    parcels.map(async (parcel) => {
      const patience = past.patience.forNextRound()
      const round = new Round(patience, !past.lookedAgain)
      try {
        await rounds.deliver(parcel, round)
        await branch(
          round.items,
          rounds,
          await recovered(round, parcel, rounds, { ...past, patience }),
        )
      } catch (error) {
        rounds.ending.failed = true
        throw error
      }
    }),
  )
}

/** Waits as the fault demands. */
async function recovered(
  round: Round,
  parcel: Parcel,
  rounds: Branching,
  past: Past,
): Promise<Past> {
  const { fault, region } = round
  if (fault === undefined || rounds.ending.failed) return { ...past, lookedAgain: true }
  const { table, locator, deadline } = rounds
  const attempts = past.attempts + 1
  const relocations = past.relocations + (isElsewhere(fault) ? 1 : 0)
  if (relocations > past.relocations) await locator.checkNowAndThen(relocations, table, deadline)
  const sent = parcel.parts.reduce((sum, { items }) => sum + items.length, 0)
  const gotFurther = fault.remedy === 'now' && round.items.length < sent
  const pauseMs = gotFurther ? 0 : backoffMs(attempts, fault)
  const where = { server: parcel.server, region: region && encodedNameOf(region.name) }
  retries.publish(() => ({ table, ...where, ...toldOf(fault), attempt: attempts, pauseMs }))
  await deadline.pause(pauseMs, fault, { attempts, ...where })
  return { attempts, relocations, patience: past.patience, lookedAgain: false }
}

type Groups = Map<Region, number[]>

async function group(
  items: readonly number[],
  rounds: Branching,
  presorted: Rounds['presorted'],
): Promise<ReadonlyMap<Region, readonly number[]>> {
  const groups: Groups = new Map()
  if (presorted === undefined) {
    await sortInto(groups, items, rounds)
    return groups
  }
  const sorted = new Map<Region, readonly number[]>()
  for (const [region, ofRegion] of presorted) {
    const isRight = region?.table === rounds.table && rounds.locator.isKnown(region)
    if (isRight) sorted.set(region, ofRegion)
    else await sortInto(groups, ofRegion, rounds)
  }
  for (const [region, more] of groups) sorted.set(region, [...(sorted.get(region) ?? []), ...more])
  return sorted
}

async function sortInto(
  groups: Groups,
  items: readonly number[],
  rounds: Branching,
): Promise<void> {
  const { table, locator, deadline } = rounds
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
}

/** Waits for all, then throws what the first failure threw: nothing goes on behind it. */
export async function allOf(tasks: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(tasks)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
}
