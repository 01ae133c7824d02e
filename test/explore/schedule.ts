import { seeded, type Random } from '../faults/random.ts'

/** Decides who goes on. The same choices make the same interleaving. */
export interface Scheduler {
  /** One of so many, all alike. */
  choose(count: number): number
  /** Which of these goes on; told apart by their names. */
  pick<Named extends { readonly name: string }>(all: readonly Named[]): Named
  /** True once in so many times. */
  chance(oneIn: number): boolean
}

/** Anybody, at every step. */
class Fair implements Scheduler {
  protected readonly random: Random

  constructor(random: Random) {
    this.random = random
  }

  choose(count: number): number {
    return Math.floor(this.random() * count)
  }

  pick<Named extends { readonly name: string }>(all: readonly Named[]): Named {
    return all[this.choose(all.length)] as Named
  }

  chance(oneIn: number): boolean {
    return this.choose(oneIn) === 0
  }
}

/**
 * Always the most urgent, and now and then the one who just went on becomes less urgent: one of them falls far behind
 * while the others go on, which fair choices hardly ever bring about.
 */
class Urgent extends Fair {
  private readonly changeOneIn: number
  private readonly urgencies = new Map<string, number>()

  constructor(random: Random, changeOneIn: number) {
    super(random)
    this.changeOneIn = changeOneIn
  }

  override pick<Named extends { readonly name: string }>(all: readonly Named[]): Named {
    let first = all[0] as Named
    let most = -1
    for (const each of all) {
      let urgency = this.urgencies.get(each.name)
      if (urgency === undefined) this.urgencies.set(each.name, (urgency = this.random()))
      if (urgency > most) [first, most] = [each, urgency]
    }
    if (this.chance(this.changeOneIn)) this.urgencies.set(first.name, this.random() * most)
    return first
  }
}

/** A third of the seeds are fair. */
export function schedulerOf(seed: number): Scheduler {
  const random = seeded(seed ^ 0x5eed)
  return seed % 3 === 0 ? new Fair(random) : new Urgent(random, seed % 3 === 1 ? 6 : 12)
}

/** Every way there is, one after the other: each time another choice than before, the latest choices first. */
export class Every implements Scheduler {
  private readonly choices: { choice: number; of: number }[]
  private depth = 0

  /** `path`: the choices of one of them, as `path` says them. */
  constructor(path = '') {
    const choices = path === '' ? [] : path.split('.')
    this.choices = choices.map((choice) => ({ choice: Number(choice), of: 0 }))
  }

  get path(): string {
    return this.choices.map(({ choice }) => choice).join('.')
  }

  choose(count: number): number {
    const known = this.choices[this.depth]
    if (known === undefined) this.choices.push({ choice: 0, of: count })
    this.depth++
    return known?.choice ?? 0
  }

  pick<Named extends { readonly name: string }>(all: readonly Named[]): Named {
    return all[all.length === 1 ? 0 : this.choose(all.length)] as Named
  }

  chance(): boolean {
    return this.choose(2) === 1
  }

  /** Turns to the next way; false when there is none. */
  next(): boolean {
    this.depth = 0
    for (let last = this.choices.at(-1); last !== undefined; last = this.choices.at(-1)) {
      if (++last.choice < last.of) return true
      this.choices.pop()
    }
    return false
  }
}

/** Two hashes of 26 bits in one number: among a million schedules, the odds that any two are taken for one are 1 in 9,000. */
export function hashOf(steps: readonly string[]): number {
  let high = 0x811c9dc5
  let low = 0x9e3779b9
  for (const step of steps) {
    for (let i = 0; i < step.length; i++) {
      const code = step.charCodeAt(i)
      high = Math.imul(high ^ code, 0x01000193)
      low = Math.imul(low ^ code, 0x85ebca6b) ^ (low >>> 13)
    }
    high = Math.imul(high ^ 10, 0x01000193)
    low = Math.imul(low ^ 10, 0x85ebca6b)
  }
  return (high >>> 6) * 2 ** 26 + (low >>> 6)
}
