import { CancelledFailure, activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity'
import type { Shares } from '../model/stations.ts'

/** What holds up work: of the source, and of the target. */
export interface Holdup {
  readonly waitsFor?: string | null
  readonly pushback?: string | null
  readonly shares?: Shares
}

/** Those who are told what holds up work: once a second, and when it has ended. */
export interface Watched {
  readonly holdup?: () => Holdup
  readonly end?: () => void
}

const EVERY_MS = 1000

/**
 * Runs work that reports where it stands once a second. When the activity is cancelled, paused or its worker
 * stops, the position goes out with the cancellation, so that whoever goes on repeats nothing. Those who watch
 * are told what holds it up.
 */
export async function beating<Result>(
  position: () => object,
  work: (signal: AbortSignal) => Promise<Result>,
  { holdup = () => ({}), end }: Watched = {},
): Promise<Result> {
  const signal = cancellationSignal()
  // said anew each time: the position may be that of an attempt before, and have waited for something else
  const beat = (): void => {
    const { waitsFor, pushback, shares } = holdup()
    heartbeat({
      ...position(),
      waitsFor: waitsFor ?? undefined,
      pushback: pushback ?? undefined,
      shares,
    })
  }
  const timer = setInterval(beat, EVERY_MS)
  try {
    return await work(signal)
  } catch (error) {
    if (signal.aborted) throw new CancelledFailure('interrupted', [position()])
    throw error
  } finally {
    clearInterval(timer)
    end?.()
  }
}

/**
 * Runs work without a position of its own that may wait for a server for long: it is not taken for dead meanwhile. The
 * position of the attempt before stays what it was.
 */
export async function alive<Result>(work: () => Promise<Result>): Promise<Result> {
  const position: unknown = activityInfo().heartbeatDetails
  const timer = setInterval(() => heartbeat(position), EVERY_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
