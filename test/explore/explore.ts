import { setImmediate } from 'node:timers/promises'
import type { Control } from './controls.ts'
import type { Differences } from './judge.ts'
import { planOf, type Plan } from './plan.ts'
import { Every, schedulerOf, type Scheduler } from './schedule.ts'
import { SMALL } from './small.ts'
import { play, type Outcome } from './world.ts'

/** What came of many interleavings. */
export interface Totals {
  played: number
  /** Schedules, by their hashes. */
  readonly schedules: Set<number>
  steps: number
  lost: number
  extra: number
  stale: number
  /** The first few that went wrong. */
  readonly wrong: Wrong[]
}

interface Wrong {
  readonly place: Place
  readonly why: string
}

/** Where an interleaving is found again: a seed such as `17`, or a small plan with its choices, such as `3:0.1.1`. */
export type Place = string

const MOST_WRONG = 5

/** So that a signal is heard. */
const REST_EVERY = 1000

export const noTotals = (): Totals => ({
  played: 0,
  schedules: new Set(),
  steps: 0,
  lost: 0,
  extra: 0,
  stale: 0,
  wrong: [],
})

/** Every interleaving of every small plan, at most so many of each. */
export async function exploreSmall(totals: Totals, most: number, control?: Control): Promise<void> {
  for (const [number, plan] of Object.values(SMALL).entries()) {
    const every = new Every()
    let left = most
    do await add(totals, () => `${number}:${every.path}`, { plan, scheduler: every }, control)
    while (--left > 0 && every.next())
  }
}

/** One interleaving of a plan of its own for each seed from `first` on. */
export async function exploreSeeds(totals: Totals, first: number, count: number): Promise<void> {
  for (let seed = first; seed < first + count; seed++)
    await add(totals, () => String(seed), gameOf(String(seed)))
}

/** The seeds from 1 on, until one shows what is wrong without a mechanism; 0 when none does. */
export async function firstToNotice(control: Control, most: number): Promise<number> {
  const totals = noTotals()
  for (let seed = 1; seed <= most; seed++) {
    await add(totals, () => String(seed), gameOf(String(seed)), control)
    if (totals.wrong.length > 0) return seed
  }
  return 0
}

export interface Game {
  readonly plan: Plan
  readonly scheduler: Scheduler
}

/** Throws when there is no such place. */
export function gameOf(place: Place): Game {
  const [, number = '', path] = /^(\d{1,9})(?::([\d.]*))?$/.exec(place) ?? []
  if (path === undefined && number !== '')
    return { plan: planOf(Number(number)), scheduler: schedulerOf(Number(number)) }
  const plan = Object.values(SMALL)[Number(number)]
  if (number === '' || plan === undefined) throw new Error(`"${place}" is no interleaving.`)
  return { plan, scheduler: new Every(path) }
}

async function add(
  totals: Totals,
  place: () => Place,
  { plan, scheduler }: Game,
  control?: Control,
): Promise<void> {
  totals.played++
  if (totals.played % REST_EVERY === 0) await setImmediate()
  let outcome: Outcome
  try {
    outcome = await play(plan, scheduler, control)
  } catch (error) {
    note(totals, place(), error instanceof Error ? error.message : String(error))
    return
  }
  const { schedule, steps, found } = outcome
  totals.schedules.add(schedule)
  totals.steps += steps.length
  if (found.rows === 0) return
  totals.lost += found.lost.length
  totals.extra += found.extra.length
  totals.stale += found.stale.length
  note(totals, place(), differencesText(found))
}

function note({ wrong }: Totals, place: Place, why: string): void {
  if (wrong.length < MOST_WRONG) wrong.push({ place, why })
}

export const differencesText = ({ lost, extra, stale }: Differences): string =>
  [
    ...lost.map((row) => `lost ${row}`),
    ...extra.map((row) => `extra ${row}`),
    ...stale.map((row) => `stale ${row}`),
  ].join('; ')
