/** Every error a user can meet: whether trying again may help, and what it means. docs/errors.md explains each. */
export const ERRORS = {
  USAGE: { retry: false, text: 'The command cannot be understood' },
  CONFIG_INVALID: { retry: false, text: 'The file is not valid' },
  PROJECT_UNKNOWN: { retry: false, text: 'There is no such project' },
  PROJECT_RUNNING: { retry: false, text: 'The project is running already' },
  SOURCE_UNKNOWN: { retry: false, text: 'The connections file names no such source' },
  CLUSTER_UNKNOWN: { retry: false, text: 'The connections file names no such cluster' },
  WORKER_MISSING: { retry: false, text: 'No worker serves this source' },
  TEMPORAL_UNREACHABLE: { retry: true, text: 'The Temporal server cannot be reached' },
  QUESTION_NONE: { retry: false, text: 'No such question is open' },

  SOURCE_UNREACHABLE: { retry: true, text: 'The source database cannot be reached' },
  SOURCE_BUSY: { retry: true, text: 'The source database asked to try again' },
  SOURCE_FULL: { retry: true, text: 'The source database has no room left for the log table' },
  SOURCE_FAILED: { retry: true, text: 'The source database reported an error' },
  SOURCE_AUTH: { retry: false, text: 'The source database refused the login' },
  SOURCE_VERSION: { retry: false, text: 'This database server is not supported' },
  PRIVILEGE_MISSING: { retry: false, text: 'The account lacks a privilege' },
  TRIGGERS_NOT_TRUSTED: { retry: false, text: 'The server lets this account create no triggers' },
  DEFINER_MISSING: { retry: false, text: 'The account that owns the triggers does not exist' },
  DATABASE_UNKNOWN: { retry: false, text: 'There is no such database' },
  TABLE_UNKNOWN: { retry: false, text: 'There is no such table' },
  COLUMN_UNKNOWN: { retry: false, text: 'There is no such column' },
  KEY_MISSING: { retry: false, text: 'The table has no usable key' },
  KEY_UNSUPPORTED: { retry: false, text: 'The key cannot be written as canonical text' },
  TYPE_UNSUPPORTED: { retry: false, text: 'The type of this column cannot be carried' },
  CODEC_UNFIT: { retry: false, text: 'The codec cannot hold every value of this column' },
  ENGINE_UNSUPPORTED: { retry: false, text: 'The storage engine has no transactions' },
  SOURCE_REPLICA: { retry: false, text: 'The source is a replica of another server' },
  CASCADE_UNSEEN: { retry: false, text: 'A foreign key cascades where no trigger can follow' },
  TRUNCATE_UNSEEN: { retry: false, text: 'Triggers do not see TRUNCATE' },
  SCHEMA_CHANGED: { retry: false, text: 'The table is no longer what it was when it was captured' },
  CAPTURE_LOST: { retry: false, text: 'Changes may have gone by unlogged' },
  LOG_MODE: { retry: false, text: 'The log in the source is kept in another way' },
  LOCK_TIMEOUT: { retry: true, text: 'A lock could not be had in time' },
  LOG_KEY_UNREADABLE: { retry: false, text: 'A key in the log table cannot be read' },
  VALUE_UNREADABLE: { retry: false, text: 'A value cannot be decoded' },

  SINK_UNREACHABLE: { retry: true, text: 'HBase cannot be reached' },
  SINK_FAILED: { retry: true, text: 'HBase reported an error' },
  SINK_AUTH: { retry: false, text: 'HBase refused the access' },
  TARGET_MISSING: { retry: false, text: 'The HBase table does not exist' },
  TARGET_DISABLED: { retry: false, text: 'The HBase table is disabled' },
  TARGET_FAMILIES: { retry: false, text: 'The HBase table has other families than the mapping' },
  TARGET_ROWS: { retry: false, text: 'The HBase table holds rows that are not ours' },
  ROW_KEY_INVALID: { retry: false, text: 'The row key is longer than 32,767 bytes or empty' },
  CELL_TOO_LARGE: { retry: false, text: 'The cell is larger than HBase takes' },

  CURSOR_UNREADABLE: { retry: false, text: 'A position in the history cannot be opened' },
  BATCH_TOO_OLD: { retry: true, text: 'A batch took too long and was given up' },
  FENCED: { retry: true, text: 'Another applier has taken over' },
  SWITCH_REFUSED: { retry: false, text: 'The switchover was refused' },
  ROLLBACK_REFUSED: { retry: false, text: 'The switchover cannot be taken back' },
  SUMS_LOST: { retry: false, text: 'What a verification has summed is gone' },
  ROWS_DIFFER: { retry: false, text: 'Rows differ' },
  CERTIFICATE_INVALID: { retry: false, text: 'The certificate is not what was issued' },
  NOT_CLEAN: { retry: true, text: 'Something of ours is left in the source' },
  STOPPED: { retry: false, text: 'Stopped by the operator' },
} as const satisfies Record<string, { retry: boolean; text: string }>

export type ErrorCode = keyof typeof ERRORS

/** An error a person can act on. `detail` says which, and what to do next; it never holds a secret or a value of a row. */
export class SyncError extends Error {
  readonly code: ErrorCode
  readonly detail: string

  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    super(`${ERRORS[code].text}: ${detail}`, options)
    this.name = 'SyncError'
    this.code = code
    this.detail = detail
  }

  get retry(): boolean {
    return ERRORS[this.code].retry
  }
}
