import type { Deadline } from './deadline.ts'

interface Lane {
  used: number
  readonly waiting: { readonly weight: number; readonly go: () => void }[]
}

/** Lets in as much per key as its capacity allows, in the order of arrival. */
export class Gate {
  readonly #capacity: number
  readonly #lanes = new Map<string, Lane>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Waits for its turn; the returned function gives the place back. What exceeds the capacity goes alone. */
  async enter(key: string, weight: number, deadline: Deadline): Promise<() => void> {
    const share = Math.min(weight, this.#capacity)
    let lane = this.#lanes.get(key)
    if (lane === undefined) this.#lanes.set(key, (lane = { used: 0, waiting: [] }))
    if (lane.waiting.length > 0 || lane.used + share > this.#capacity) {
      await this.#wait(lane, share, deadline)
    } else {
      lane.used += share
    }
    return () => {
      this.#leave(key, lane, share)
    }
  }

  #wait(lane: Lane, weight: number, deadline: Deadline): Promise<void> {
    return deadline.race<undefined>((resolve) => {
      const place = {
        weight,
        go: () => {
          resolve(undefined)
        },
      }
      lane.waiting.push(place)
      return () => {
        const at = lane.waiting.indexOf(place)
        if (at >= 0) lane.waiting.splice(at, 1)
      }
    })
  }

  #leave(key: string, lane: Lane, weight: number): void {
    lane.used -= weight
    for (;;) {
      const next = lane.waiting[0]
      if (next === undefined || lane.used + next.weight > this.#capacity) break
      lane.waiting.shift()
      lane.used += next.weight
      next.go()
    }
    if (lane.used === 0 && lane.waiting.length === 0) this.#lanes.delete(key)
  }
}
