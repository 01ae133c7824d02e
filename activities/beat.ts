import { CancelledFailure, cancellationSignal, heartbeat } from '@temporalio/activity'

const EVERY_MS = 1000

/**
 * Runs work that reports where it stands once a second. When the activity is cancelled, paused or its worker
 * stops, the position goes out with the cancellation, so that whoever goes on repeats nothing.
 */
export async function beating<Result>(
  position: () => unknown,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const signal = cancellationSignal()
  const timer = setInterval(() => heartbeat(position()), EVERY_MS)
  try {
    return await work(signal)
  } catch (error) {
    if (signal.aborted) throw new CancelledFailure('interrupted', [position()])
    throw error
  } finally {
    clearInterval(timer)
  }
}

/** Runs work without a position that may wait for a server for long; it is not taken for dead meanwhile. */
export async function alive<Result>(work: () => Promise<Result>): Promise<Result> {
  const timer = setInterval(() => heartbeat(), EVERY_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
