import { setTimeout as sleep } from 'node:timers/promises'

/** While it waits it looks this often whether the rate is still the same. */
const LOOK_MS = 500

/** Keeps a stream of rows at or below a rate that may change while it waits; with no rate it never does. */
export function throttle(
  rate: () => number | null,
): (rows: number, signal: AbortSignal) => Promise<void> {
  /** Rows that came before their time. */
  let early = 0
  let at = performance.now()
  /** What has become due since the last look; a pause of minutes is not made up for with a burst: a second's rows at most. */
  const settle = (perSecond: number): void => {
    const now = performance.now()
    early = Math.max(early - (perSecond * (now - at)) / 1000, -perSecond)
    at = now
  }
  return async (rows, signal) => {
    settle(rate() ?? 0)
    early += rows
    for (let perSecond = rate(); perSecond !== null; perSecond = rate()) {
      settle(perSecond)
      const wait = (early / perSecond) * 1000
      if (wait <= 1) return
      await sleep(Math.min(wait, LOOK_MS), undefined, { signal })
    }
    early = 0
  }
}
