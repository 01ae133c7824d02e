import type { Lag } from './change.ts'

/** What waits in several logs, as one: all their changes, the oldest of them. */
export const lagOf = (lags: readonly Lag[]): Lag => ({
  changes: lags.reduce((sum, lag) => sum + lag.changes, 0),
  seconds: Math.max(0, ...lags.map((lag) => lag.seconds)),
  dead: lags.reduce((sum, lag) => sum + lag.dead, 0),
  token: Math.max(0, ...lags.map((lag) => lag.token)),
})

/** The sources whose logs are longer than they should be. */
export const tooLong = (
  lags: Readonly<Record<string, Lag>>,
  logRows: number,
): readonly (readonly [source: string, lag: Lag])[] =>
  Object.entries(lags).filter(([, { changes }]) => changes > logRows)
