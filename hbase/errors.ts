/** Every way a call can fail, in one table: whether repeating it can help, and one sentence for people. */
export const ERRORS = {
  UNREACHABLE: { retryable: true, text: 'No answer from HBase' },
  TIMEOUT: { retryable: true, text: 'HBase did not finish before the deadline' },
  SCAN_INCOMPLETE: { retryable: true, text: 'The scan did not cover its whole range' },
  META_INCONSISTENT: {
    retryable: true,
    text: 'The regions of the table do not cover its key space',
  },
  OUTCOME_UNKNOWN: {
    retryable: false,
    text: 'The answer was lost: the change may have been made or not, so look before repeating it',
  },
  ABORTED: { retryable: false, text: 'The caller aborted the operation' },
  CLOSED: { retryable: false, text: 'The client is closed' },
  CONFIGURATION: { retryable: false, text: 'The options of the client are not usable' },
  TLS_REFUSED: { retryable: false, text: 'No encrypted connection could be agreed on' },
  AUTHENTICATION_FAILED: {
    retryable: false,
    text: 'The server and this client could not agree on who they are',
  },
  PROTOCOL: { retryable: false, text: 'HBase answered something this client does not understand' },
  REMOTE: { retryable: false, text: 'HBase refused the operation' },
  ACCESS_DENIED: { retryable: false, text: 'The user may not do this' },
  QUOTA_EXCEEDED: { retryable: false, text: 'A quota of the cluster is used up' },
  TABLE_NOT_FOUND: { retryable: false, text: 'The table does not exist' },
  TABLE_DISABLED: { retryable: false, text: 'The table is disabled' },
  TABLE_ENABLED: { retryable: false, text: 'The table must be disabled first' },
  TABLE_EXISTS: { retryable: false, text: 'The table exists already' },
  TABLE_NAME_INVALID: { retryable: false, text: 'This is not the name of a table' },
  NAMESPACE_NAME_INVALID: { retryable: false, text: 'This is not the name of a namespace' },
  NAMESPACE_NOT_FOUND: { retryable: false, text: 'The namespace does not exist' },
  NAMESPACE_NOT_EMPTY: { retryable: false, text: 'The namespace still has tables' },
  NO_SUCH_FAMILY: { retryable: false, text: 'The table has no such column family' },
  SCHEMA_REFUSED: { retryable: false, text: 'HBase refuses this table description' },
  SPLITS_INVALID: { retryable: false, text: 'Split keys must be ascending, unique and not empty' },
  SPLIT_INVALID: { retryable: false, text: 'A region begins with this row already' },
  MERGE_INVALID: { retryable: false, text: 'Only two regions side by side can be merged' },
  REGION_NOT_FOUND: {
    retryable: false,
    text: 'The region is not there any more (split, merged or deleted): list the regions again',
  },
  SNAPSHOT_NAME_INVALID: { retryable: false, text: 'This is not the name of a snapshot' },
  SNAPSHOT_NOT_FOUND: { retryable: false, text: 'There is no snapshot of this name' },
  SNAPSHOT_EXISTS: { retryable: false, text: 'There is a snapshot of this name already' },
  SNAPSHOT_FAILED: { retryable: false, text: 'HBase did not do this with the snapshot' },
  BULK_LOAD_INVALID: { retryable: false, text: 'This cannot be loaded in bulk' },
  BULK_LOAD_REFUSED: {
    retryable: false,
    text: 'The region did not load the files: do all lie inside it, may HBase read and move them',
  },
  SERVER_NOT_FOUND: { retryable: false, text: 'No live region server has this name' },
  ROW_KEY_INVALID: { retryable: false, text: 'A row key must have 1 to 32767 bytes' },
  REQUEST_TOO_LARGE: { retryable: false, text: 'No server takes a request this large' },
  ROW_TOO_LARGE: { retryable: false, text: 'The row does not fit into one request' },
  FAMILY_INVALID: { retryable: false, text: 'A family name must have 1 to 127 bytes' },
  READ_INVALID: { retryable: false, text: 'This cannot be asked of HBase' },
  CELL_INVALID: { retryable: false, text: 'The mutation is not one HBase can store' },
  CELL_TOO_LARGE: { retryable: false, text: 'The cell is larger than the cluster accepts' },
  NEGATIVE_TIMESTAMP: {
    retryable: false,
    text: 'A timestamp must be a whole number from 0 to 2^53',
  },
  IN_USE: { retryable: false, text: 'Rows cannot be changed while they are being written' },
  MARKER_NOT_ATOMIC: { retryable: false, text: 'Delete markers need an atomic write' },
} as const satisfies Record<string, { retryable: boolean; text: string }>

export type HBaseErrorCode = keyof typeof ERRORS

/** What an operation was about when it failed. */
export interface Where {
  readonly table?: string | undefined
  /** The encoded name: 32 hex digits, which say nothing about the rows inside. */
  readonly region?: string | undefined
  /** host:port as the cluster publishes it. */
  readonly server?: string | undefined
  /** How often the operation was tried. */
  readonly attempts?: number | undefined
}

export interface ErrorDetails extends Where {
  /** The Java class HBase answered with. */
  readonly remoteClass?: string | undefined
  /** Said after the sentence of the code; never a row key or a value. */
  readonly detail?: string | undefined
  readonly cause?: unknown
}

/**
 * The only error this client throws. Messages name tables, families, servers and Java classes, never
 * the content of a row: what HBase itself says about a data operation may quote keys, so it is left out.
 */
export class HBaseError extends Error {
  readonly code: HBaseErrorCode
  readonly retryable: boolean
  readonly table?: string
  readonly region?: string
  readonly server?: string
  readonly remoteClass?: string
  readonly attempts?: number

  constructor(code: HBaseErrorCode, details: ErrorDetails = {}) {
    super(describe(code, details), { cause: details.cause })
    this.name = 'HBaseError'
    this.code = code
    this.retryable = ERRORS[code].retryable
    const { table, region, server, remoteClass, attempts } = details
    if (table !== undefined) this.table = table
    if (region !== undefined) this.region = region
    if (server !== undefined) this.server = server
    if (remoteClass !== undefined) this.remoteClass = remoteClass
    if (attempts !== undefined) this.attempts = attempts
  }
}

function describe(code: HBaseErrorCode, details: ErrorDetails): string {
  const { table, region, server, remoteClass, attempts = 1, detail } = details
  const named = (name: string, value: string | undefined) => value && `${name} ${value}`
  const parts = [
    named('table', table),
    named('region', region),
    // What happened to a connection begins with its address.
    detail?.startsWith(server ?? ' ') === true ? undefined : named('server', server),
    detail,
    remoteClass,
    attempts < 2 ? undefined : `${attempts} attempts`,
  ].filter((part) => part !== undefined && part !== '')
  const { text } = ERRORS[code]
  return parts.length === 0 ? text : `${text}: ${parts.join(', ')}`
}
