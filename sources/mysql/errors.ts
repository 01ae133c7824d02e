import { SyncError, type ErrorCode } from '../../model/errors.ts'

/**
 * What the server reports, by its error number. The driver's own text is dropped everywhere: it quotes
 * rows ("Duplicate entry 'ann@…'") and accounts.
 */
const BY_NUMBER: Readonly<Record<number, readonly [code: ErrorCode, advice: string]>> = {
  1021: ['SOURCE_FULL', 'the disk is full; make room'],
  1040: [
    'SOURCE_BUSY',
    'it has too many connections; raise max_connections or lower `connections`',
  ],
  1041: ['SOURCE_BUSY', 'it is out of memory'],
  1044: ['PRIVILEGE_MISSING', 'the account may not use this database; grant it, see `check`'],
  1045: ['SOURCE_AUTH', 'check user and password, and from which hosts the account may connect'],
  1049: ['DATABASE_UNKNOWN', 'check the name, and that the account may see it'],
  1053: ['SOURCE_UNREACHABLE', 'it is shutting down'],
  1054: ['COLUMN_UNKNOWN', 'a column was dropped or renamed; describe the table again'],
  1114: ['SOURCE_FULL', 'a table or tablespace is full; make room'],
  1129: [
    'SOURCE_UNREACHABLE',
    'it blocks this host after many broken connections; run FLUSH HOSTS',
  ],
  1130: ['SOURCE_AUTH', 'the account may not connect from this host'],
  1141: ['DEFINER_MISSING', 'create the account, or name another definer'],
  1142: ['PRIVILEGE_MISSING', 'the account may not do this to the table; grant it, see `check`'],
  1143: ['PRIVILEGE_MISSING', 'the account may not read one of the columns; grant it, see `check`'],
  1146: ['TABLE_UNKNOWN', 'check the name, and that the account may see it'],
  1158: ['SOURCE_UNREACHABLE', 'the connection broke'],
  1159: ['SOURCE_UNREACHABLE', 'the connection timed out'],
  1160: ['SOURCE_UNREACHABLE', 'the connection broke'],
  1161: ['SOURCE_UNREACHABLE', 'the connection timed out'],
  1203: ['SOURCE_BUSY', 'the account has too many connections; lower `connections`'],
  1205: ['LOCK_TIMEOUT', 'another transaction holds a lock; it is tried again'],
  1213: ['SOURCE_BUSY', 'a deadlock was resolved against us; it is tried again'],
  1226: ['SOURCE_BUSY', 'the account has used up one of its limits'],
  1227: ['PRIVILEGE_MISSING', 'the account lacks a global privilege; see `check`'],
  1290: ['SOURCE_BUSY', 'it is read only; connect to the primary'],
  1317: ['SOURCE_BUSY', 'the statement was interrupted'],
  1356: ['PRIVILEGE_MISSING', 'a view cannot be read'],
  1370: ['PRIVILEGE_MISSING', 'the account may not run a routine'],
  1419: [
    'TRIGGERS_NOT_TRUSTED',
    'run SET GLOBAL log_bin_trust_function_creators = 1 as an administrator',
  ],
  1449: ['DEFINER_MISSING', 'create the account again, or release and start over with another one'],
  1525: ['LOG_KEY_UNREADABLE', 'a key holds a date or time that does not exist'],
  1836: ['SOURCE_BUSY', 'it is read only; connect to the primary'],
  1927: ['SOURCE_UNREACHABLE', 'the connection was killed'],
  3024: ['SOURCE_BUSY', 'the statement took longer than the server allows'],
  3118: ['SOURCE_AUTH', 'the account is locked'],
  3169: ['SOURCE_UNREACHABLE', 'the session was killed'],
  4031: ['SOURCE_UNREACHABLE', 'the server ended an idle connection'],
  4151: ['SOURCE_AUTH', 'the account is locked'],
}

/** Broken before or under the protocol: nothing is wrong with what we asked. */
const UNREACHABLE =
  /^(ECONN|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|EAI_|PROTOCOL_|POOL_CLOSED|HANDSHAKE_)/

/** The one place where the driver's errors become ours. `about` says which table or server. */
export function sourceError(error: unknown, about: string): SyncError {
  if (error instanceof SyncError) return error
  const { errno, code, sqlState } = (error ?? {}) as DriverError
  const known = errno === undefined ? undefined : BY_NUMBER[errno]
  if (known !== undefined)
    return new SyncError(known[0], `${about}: ${known[1]} (error ${errno ?? 0})`)
  if (code !== undefined && UNREACHABLE.test(code))
    return new SyncError(
      'SOURCE_UNREACHABLE',
      `${about} (${code}): check the address and that the server runs`,
    )
  const which = `error ${errno ?? 'unknown'}, SQLSTATE ${sqlState ?? 'unknown'}`
  return new SyncError('SOURCE_FAILED', `${about}: ${which}; look it up in the server's manual`)
}

/** Whether the server gave up waiting for a lock, which is worth another try. */
export const isLockTimeout = (error: unknown): boolean =>
  error instanceof SyncError && error.code === 'LOCK_TIMEOUT'

interface DriverError {
  readonly errno?: number
  readonly code?: string
  readonly sqlState?: string
}
