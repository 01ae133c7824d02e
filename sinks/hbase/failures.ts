import { HBaseError, type HBaseErrorCode } from '../../hbase/index.ts'
import { SyncError, type ErrorCode } from '../../model/errors.ts'

/** What an error of the client means to a user. */
const MEANING: Readonly<Record<HBaseErrorCode, ErrorCode>> = {
  UNREACHABLE: 'SINK_UNREACHABLE',
  TIMEOUT: 'SINK_UNREACHABLE',
  SCAN_INCOMPLETE: 'SINK_FAILED',
  META_INCONSISTENT: 'SINK_FAILED',
  OUTCOME_UNKNOWN: 'SINK_FAILED',
  ABORTED: 'SINK_FAILED',
  CLOSED: 'SINK_FAILED',
  CONFIGURATION: 'CONFIG_INVALID',
  TLS_REFUSED: 'SINK_AUTH',
  AUTHENTICATION_FAILED: 'SINK_AUTH',
  PROTOCOL: 'SINK_FAILED',
  REMOTE: 'SINK_FAILED',
  ACCESS_DENIED: 'SINK_AUTH',
  QUOTA_EXCEEDED: 'SINK_FAILED',
  TABLE_NOT_FOUND: 'TARGET_MISSING',
  TABLE_DISABLED: 'TARGET_DISABLED',
  TABLE_ENABLED: 'SINK_FAILED',
  TABLE_EXISTS: 'SINK_FAILED',
  TABLE_NAME_INVALID: 'CONFIG_INVALID',
  NAMESPACE_NAME_INVALID: 'CONFIG_INVALID',
  NAMESPACE_NOT_FOUND: 'TARGET_MISSING',
  NAMESPACE_NOT_EMPTY: 'SINK_FAILED',
  NO_SUCH_FAMILY: 'TARGET_FAMILIES',
  SCHEMA_REFUSED: 'CONFIG_INVALID',
  SPLITS_INVALID: 'CONFIG_INVALID',
  SPLIT_INVALID: 'SINK_FAILED',
  MERGE_INVALID: 'SINK_FAILED',
  REGION_NOT_FOUND: 'SINK_FAILED',
  SNAPSHOT_NAME_INVALID: 'SINK_FAILED',
  SNAPSHOT_NOT_FOUND: 'SINK_FAILED',
  SNAPSHOT_EXISTS: 'SINK_FAILED',
  SNAPSHOT_FAILED: 'SINK_FAILED',
  BULK_LOAD_INVALID: 'SINK_FAILED',
  BULK_LOAD_REFUSED: 'SINK_FAILED',
  SERVER_NOT_FOUND: 'SINK_FAILED',
  ROW_KEY_INVALID: 'ROW_KEY_INVALID',
  REQUEST_TOO_LARGE: 'SINK_FAILED',
  ROW_TOO_LARGE: 'CELL_TOO_LARGE',
  FAMILY_INVALID: 'CONFIG_INVALID',
  READ_INVALID: 'SINK_FAILED',
  CELL_INVALID: 'SINK_FAILED',
  CELL_TOO_LARGE: 'CELL_TOO_LARGE',
  NEGATIVE_TIMESTAMP: 'SINK_FAILED',
  IN_USE: 'SINK_FAILED',
  MARKER_NOT_ATOMIC: 'SINK_FAILED',
}

/** The client's errors never hold row content, so their words may be passed on. What is no such error stays as it is. */
export const translated = (cause: unknown): unknown =>
  cause instanceof HBaseError ? new SyncError(MEANING[cause.code], cause.message, { cause }) : cause

/** Throws the client's errors as ours; what was aborted fails with the reason it was aborted for. */
export async function translating<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await call()
  } catch (error) {
    signal?.throwIfAborted()
    throw translated(error)
  }
}

/** Is this the error of this code? */
export const isFailure = (error: unknown, code: HBaseErrorCode): boolean =>
  error instanceof HBaseError && error.code === code

/** Refusals that stay with their row, and are the same the next time. */
const ABOUT_ONE_ROW: readonly HBaseErrorCode[] = [
  'CELL_INVALID',
  'CELL_TOO_LARGE',
  'NEGATIVE_TIMESTAMP',
  'REMOTE',
  'ROW_KEY_INVALID',
  'ROW_TOO_LARGE',
]

export const isAboutOneRow = ({ code }: HBaseError): boolean => ABOUT_ONE_ROW.includes(code)
