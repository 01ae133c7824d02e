import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Meter } from '../activities/context.ts'
import { CHANNELS, type RetryMessage } from '../hbase/index.ts'

export interface Pushback {
  /** Why HBase takes no more of a table at this moment, as status says it; null when it does. */
  readonly of: (table: string) => string | null
  readonly close: () => void
}

/** For so long after its pause an answer of a busy server is told: heartbeats go out every 2.4 s. */
const TOLD_MS = 4_000

/**
 * Hears which tables the servers of HBase have too much to do for, and how long calls wait because of it. Tables are
 * known by their names: whoever moves into equally named tables of two clusters is told of both.
 */
export function listenToPushback(meter: Pick<Meter, 'pushback'>): Pushback {
  const last = new Map<string, { readonly why: string; readonly until: number }>()
  const hear = (message: unknown): void => {
    const { table, why, pauseMs, overloaded } = message as RetryMessage
    if (!overloaded || table === undefined) return
    last.set(table, { why: simpleName(why), until: performance.now() + pauseMs + TOLD_MS })
    meter.pushback(table, pauseMs / 1000)
  }
  subscribe(CHANNELS.retry, hear)
  return {
    of(table) {
      const told = last.get(table)
      return told !== undefined && performance.now() < told.until ? told.why : null
    },
    close: () => void unsubscribe(CHANNELS.retry, hear),
  }
}

/** `org.apache.hadoop.hbase.RegionTooBusyException` -> `RegionTooBusyException`. */
const simpleName = (className: string): string => /[^.]*$/.exec(className)?.[0] ?? className
