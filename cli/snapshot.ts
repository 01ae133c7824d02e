import type { ApplyStatus, ProjectStatus, TableProgress } from '../model/project.ts'
import type { Station } from '../model/stations.ts'

/** A table that is being loaded or verified right now. */
export interface Busy {
  readonly stage: 'load' | 'verify'
  /** Rows of finished ranges and of those in hand. */
  readonly rows: number
  readonly estimate: number
  /** A verification has read all of the source and counts the rows of HBase now. */
  readonly readsTarget?: boolean
  /** Found so far, by a verification. */
  readonly differences: number
  /** What it is as fast as; null when that cannot be told. */
  readonly limitedBy: Station | null
  /** What holds it up, when something does: `45 threads running, limit 30`. */
  readonly waitsFor: string | null
  /** Why HBase takes no more, when it does not: `RegionTooBusyException`. */
  readonly pushback: string | null
  /** Why a part of it is tried again and again. */
  readonly trouble: string | null
  /** Epoch milliseconds. */
  readonly since: number
}

/** What keeps the targets in step, its lag as the last heartbeats tell it. */
export interface Applying extends ApplyStatus {
  /** Why it is tried again and again; null when it goes well. */
  readonly trouble: string | null
  /** Why HBase takes no more, when it does not. */
  readonly pushback: string | null
}

/** How a project's workflow ended. */
export interface Ended {
  readonly how: 'completed' | 'failed' | 'cancelled' | 'terminated'
  readonly at: number
  /** Why it failed: a code of docs/errors.md and its sentence. */
  readonly because: string | null
}

/** All that is known of a project at one moment. */
export interface Snapshot {
  readonly at: number
  readonly status: ProjectStatus
  readonly apply: Applying | null
  readonly busy: Readonly<Record<string, Busy>>
  readonly ended: Ended | null
}

/** A table at one moment, with what can be said of its speed. */
export interface Pace {
  readonly rows: number
  readonly estimate: number
  /** Part of the whole that is done, 0 to 1; null when nothing is under way. */
  readonly part: number | null
  readonly rowsPerSecond: number | null
  readonly etaSeconds: number | null
}

/** How far and how fast a table is: since its stage began, or since `before` where there is one. */
export function paceOf(table: TableProgress, name: string, now: Snapshot, before?: Snapshot): Pace {
  const busy = now.busy[name]
  if (busy === undefined)
    return {
      rows: table.rows,
      estimate: table.estimate,
      part: null,
      rowsPerSecond: null,
      etaSeconds: null,
    }
  const estimate = Math.max(busy.estimate, busy.rows)
  const earlier = before?.busy[name]
  const from =
    earlier !== undefined && isSameWork(earlier, busy)
      ? { at: before?.at ?? 0, rows: earlier.rows }
      : { at: busy.since, rows: 0 }
  const seconds = (now.at - from.at) / 1000
  const rowsPerSecond = seconds > 0 ? Math.max(0, (busy.rows - from.rows) / seconds) : null
  return {
    rows: busy.rows,
    estimate,
    part: estimate === 0 ? null : busy.rows / estimate,
    rowsPerSecond,
    etaSeconds: rowsPerSecond ? (estimate - busy.rows) / rowsPerSecond : null,
  }
}

const isSameWork = (a: Busy, b: Busy): boolean =>
  a.stage === b.stage && a.readsTarget === b.readsTarget

/** Whether nothing more will happen before a person does something, or at all. */
export const isSettled = ({ status, ended }: Snapshot): boolean =>
  ended !== null || status.question !== null || isReady(status)

/** Verified, in step, and waiting for the word to switch over. */
export const isReady = (status: ProjectStatus): boolean =>
  status.phase === 'switch' && status.condition === 'running'
