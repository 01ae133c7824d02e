import type { KeyText } from './value.ts'

/** How a row changed, as the trigger saw it; a hint only, since the row as it is now decides. `refresh` asks for a rewrite. */
export type ChangeKind = 'insert' | 'update' | 'delete' | 'refresh'

/** One row of the log table: which row changed and how, never its values. */
export interface Change {
  /** The log row's own number: names it when it is acknowledged, says nothing about order. */
  readonly seq: bigint
  /** `database.table`. */
  readonly table: string
  readonly kind: ChangeKind
  readonly key: KeyText
  /** Columns an update changed; null when that is not known, or for another kind: then all may have. */
  readonly columns: ReadonlySet<string> | null
}

/** Why the log of a captured table is no longer whole. */
export interface Damage {
  /** `database.table`; null when it is about all of them. */
  readonly table: string | null
  /** What is missing or altered, by name. */
  readonly what: string
}

/** A row that could not be written, and why; it stops neither its table nor others, only the switchover. */
export interface DeadLetter {
  readonly table: string
  readonly key: KeyText
  /** A sentence without any value of the row. */
  readonly reason: string
}

/** What waits in the log table of one project. */
export interface Lag {
  readonly changes: number
  /** Age of the oldest change not applied yet; 0 when there is none. */
  readonly seconds: number
  readonly dead: number
  /** The newest token; 0 before the first. Unchanged between two looks: nothing was applied meanwhile. */
  readonly token: number
}
