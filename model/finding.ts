import type { ErrorCode } from './errors.ts'

/** Findings that are a matter of what the application does, which only its owner knows. */
export const ACCEPTABLE = [
  'CASCADE_UNSEEN',
  'SOURCE_REPLICA',
] as const satisfies readonly ErrorCode[]

/** Something `check` found before anything was created. What blocks must be mended, or accepted where that is allowed. */
export interface Finding {
  readonly code: ErrorCode
  /** What it is about: `database.table`, `database.table.column`, an account or a target. */
  readonly about: string
  /** What was found and what to do next, in a sentence without values of rows. */
  readonly text: string
  readonly blocks: boolean
}
