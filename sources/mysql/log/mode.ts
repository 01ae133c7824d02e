import type { DeadLetter } from '../../../model/change.ts'
import type { KeyText } from '../../../model/value.ts'
import type { Part } from '../../source.ts'
import type { Session } from '../client.ts'
import type { Place } from '../project.ts'

/** Where the triggers of one table write. */
export interface LogTarget {
  /** The quoted name of the log table. */
  readonly log: string
  readonly sourceId: number
}

/** Rows that a trigger looks up: `SELECT` and what is selected belong between the two. */
export interface LogQuery {
  /** `WITH RECURSIVE ...`, or nothing. */
  readonly before: string
  /** `FROM ... WHERE ...` with its locks. */
  readonly from: string
}

/**
 * A way to keep the log: the shape of its table, what triggers write into it, and how rows leave it.
 * All that differs between two ways is here; reading is the same for all.
 */
export interface LogMode {
  readonly name: string
  /** What an account that triggers run as must be granted on the log table. */
  readonly privileges: readonly string[]
  /** Columns and keys of the log table, `words` being the lines of its mask words. */
  definition(words: string): string

  /** The body of a trigger for a row that came. `key` is an expression of its key. */
  inserted(to: LogTarget, key: string): string
  /** The body of a trigger for a row that went. */
  deleted(to: LogTarget, key: string): string
  /** Statements for a row whose key was `ko` and is `kn`. */
  moved(to: LogTarget): string
  /** Statements for a row with the key `kn` of which columns changed: their bits are in `u0`, `u1`, as far as `words` names them. */
  updated(to: LogTarget, words: readonly number[]): string
  /** Statements that log `type` for every row of a query; `key` is an expression over its tables. */
  reached(to: LogTarget, type: 'N' | 'D' | 'R', key: string, query: LogQuery): string

  /** As Capture.acknowledge, by the numbers of the log rows. */
  acknowledge(
    place: Place,
    token: number,
    numbers: readonly bigint[],
    dead: readonly DeadLetter[],
  ): Promise<boolean>
  /** Logs a refresh of these keys and clears their dead letters. */
  enqueue(place: Place, sourceId: number, keys: readonly KeyText[]): Promise<void>
  /** As Capture.compact. */
  compact(
    place: Place,
    token: number,
    limit: number,
    part?: Part,
  ): Promise<{ before: number; after: number } | null>
  /** Deletes log rows that no trigger writes any more. */
  forget(session: Session, log: string, numbers: readonly (string | null)[]): Promise<void>
}
