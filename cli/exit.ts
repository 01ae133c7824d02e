import type { ErrorCode } from '../model/errors.ts'

/** What the exit code of every command means; the same for all of them, for scripts. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  connection: 3,
  differs: 4,
  waiting: 5,
  refused: 6,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const BY_CODE: Partial<Record<ErrorCode, ExitCode>> = {
  USAGE: EXIT.usage,
  CONFIG_INVALID: EXIT.usage,
  PROJECT_UNKNOWN: EXIT.usage,
  SOURCE_UNKNOWN: EXIT.usage,
  CLUSTER_UNKNOWN: EXIT.usage,
  QUESTION_NONE: EXIT.usage,
  TEMPORAL_UNREACHABLE: EXIT.connection,
  WORKER_MISSING: EXIT.connection,
  SOURCE_UNREACHABLE: EXIT.connection,
  SOURCE_AUTH: EXIT.connection,
  SINK_UNREACHABLE: EXIT.connection,
  SINK_AUTH: EXIT.connection,
  ROWS_DIFFER: EXIT.differs,
  SWITCH_REFUSED: EXIT.refused,
  ROLLBACK_REFUSED: EXIT.refused,
}

/** The exit code that an error ends a command with. */
export const exitOf = (code: ErrorCode): ExitCode => BY_CODE[code] ?? EXIT.failed

export const EXIT_CODES = `Exit codes:
  0  done
  1  failed
  2  the command, the file or a name in it is wrong
  3  something cannot be reached: Temporal, a worker, a source or a cluster
  4  rows differ
  5  a question waits for an answer
  6  refused, because it is not safe now`
