import type { Deadline } from './deadline.ts'

interface Place {
  readonly weight: number
  readonly go: () => void
}

interface Lane {
  used: number
  readonly waiting: Place[]
}

export interface GateLimits {
  /** What may be inside per key. */
  capacityOf(key: string): number
  /** What may be inside of all keys together. */
  readonly total?: number
}

/**
 * Lets in as much per key as its capacity allows, in the order of arrival. A key with nothing inside
 * may always enter one thing, whatever it weighs and however full the rest is: so nobody waits for
 * another key's sake for longer than its own things take.
 */
export class Gate {
  readonly #limits: GateLimits
  readonly #lanes = new Map<string, Lane>()
  #used = 0

  constructor(limits: GateLimits) {
    this.#limits = limits
  }

  /** Nothing inside and nobody waiting. */
  get isEmpty(): boolean {
    return this.#lanes.size === 0
  }

  /** Waits for its turn, until the deadline; the returned function gives the place back. */
  async enter(key: string, weight: number, deadline: Deadline): Promise<() => void> {
    let lane = this.#lanes.get(key)
    if (lane === undefined) this.#lanes.set(key, (lane = { used: 0, waiting: [] }))
    if (lane.waiting.length === 0 && this.#fits(key, lane, weight)) this.#take(lane, weight)
    else await this.#wait(lane, weight, deadline)
    return () => {
      lane.used -= weight
      this.#used -= weight
      this.#letIn()
    }
  }

  #fits(key: string, lane: Lane, weight: number): boolean {
    if (lane.used === 0) return true
    const { total = Infinity } = this.#limits
    return lane.used + weight <= this.#limits.capacityOf(key) && this.#used + weight <= total
  }

  #take(lane: Lane, weight: number): void {
    lane.used += weight
    this.#used += weight
  }

  #wait(lane: Lane, weight: number, deadline: Deadline): Promise<void> {
    return deadline.race<undefined>((resolve, reject) => {
      const place = {
        weight,
        go: () => {
          resolve(undefined)
        },
      }
      lane.waiting.push(place)
      const timer = setTimeout(() => {
        reject(deadline.expired(undefined))
      }, deadline.remainingMs)
      return () => {
        clearTimeout(timer)
        const at = lane.waiting.indexOf(place)
        if (at >= 0) lane.waiting.splice(at, 1)
      }
    })
  }

  #letIn(): void {
    for (const [key, lane] of this.#lanes) {
      for (;;) {
        const next = lane.waiting[0]
        if (next === undefined || !this.#fits(key, lane, next.weight)) break
        lane.waiting.shift()
        this.#take(lane, next.weight)
        next.go()
      }
      if (lane.used === 0 && lane.waiting.length === 0) this.#lanes.delete(key)
    }
  }
}
