import { setTimeout as sleep } from 'node:timers/promises'

/** Keeps a stream of rows at or below a rate; with no rate it never waits. */
export function throttle(
  rowsPerSecond: number | null,
): (rows: number, signal: AbortSignal) => Promise<void> {
  if (rowsPerSecond === null) return () => Promise.resolve()
  let due = performance.now()
  return async (rows, signal) => {
    due = Math.max(due, performance.now() - 1000) + (rows / rowsPerSecond) * 1000
    const wait = due - performance.now()
    if (wait > 1) await sleep(wait, undefined, { signal })
  }
}
