import { ERRORS, type ErrorCode } from '../model/errors.ts'
import type { ProjectStatus } from '../model/project.ts'
import { EXIT, exitOf, type ExitCode } from './exit.ts'
import { isReady, type Snapshot } from './snapshot.ts'

/** What the state of a project means for a script that asked for it. */
export function outcomeOf({ status, ended }: Snapshot): ExitCode {
  if (ended !== null && ended.how !== 'completed') return exitOf(codeIn(ended.because) ?? 'STOPPED')
  if (ended === null && status.question !== null) return EXIT.waiting
  return ended !== null || isReady(status) ? resultOf(status) : EXIT.ok
}

function resultOf({ tables }: ProjectStatus): ExitCode {
  const states = Object.values(tables).map(({ state }) => state)
  if (states.includes('different')) return EXIT.differs
  return states.includes('failed') ? EXIT.failed : EXIT.ok
}

/** `ROWS_DIFFER: Rows differ in goods` -> `ROWS_DIFFER`. */
export function codeIn(because: string | null): ErrorCode | null {
  const code = /^([A-Z_]+): /.exec(because ?? '')?.[1]
  return code !== undefined && code in ERRORS ? (code as ErrorCode) : null
}
