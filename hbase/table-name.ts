import { HBaseError } from './errors.ts'

export interface TableNameValue {
  readonly namespace?: Uint8Array | undefined
  readonly qualifier?: Uint8Array | undefined
}

/** Namespaces, tables and snapshots are folders (dfs.namenode.fs-limits.max-component-length). */
const MAX_NAME_BYTES = 255

/** Letters and digits of any script (Character.isAlphabetic, isDigit). */
const NAMESPACE = /^[\p{Alphabetic}\p{Nd}_]+$/u
const QUALIFIER = /^[\p{Alphabetic}\p{Nd}_][\p{Alphabetic}\p{Nd}_.-]*$/u

/** "ns:table" or "table" as HBase's two parts. Throws TABLE_NAME_INVALID. */
export function parseTableName(table: string): { namespace: Buffer; qualifier: Buffer } {
  checkTableName(table)
  const colon = table.indexOf(':')
  const namespace = colon < 0 ? 'default' : table.slice(0, colon)
  return { namespace: Buffer.from(namespace), qualifier: Buffer.from(table.slice(colon + 1)) }
}

/** "table" for tables of the default namespace, "ns:table" for all others. */
export function formatTableName({ namespace, qualifier }: TableNameValue): string {
  const space = Buffer.from(namespace ?? []).toString()
  const name = Buffer.from(qualifier ?? []).toString()
  return space === '' || space === 'default' ? name : `${space}:${name}`
}

/** The form region names use; "default:t" is the table "t". Throws TABLE_NAME_INVALID. */
export function canonicalTableName(table: string): string {
  checkTableName(table)
  return table.startsWith('default:') ? table.slice('default:'.length) : table
}

/** HBase answers a bad name with an exception of no telling class, so it is refused here (TableName). */
function checkTableName(table: string): void {
  const colon = table.indexOf(':')
  const fits = colon < 0 || isName(table.slice(0, colon), NAMESPACE)
  if (fits && isName(table.slice(colon + 1), QUALIFIER)) return
  throw new HBaseError('TABLE_NAME_INVALID', { table })
}

/** Throws NAMESPACE_NAME_INVALID (TableName.isLegalNamespaceName: no '-' nor '.' here). */
export function checkNamespace(name: string): void {
  if (!isName(name, NAMESPACE))
    throw new HBaseError('NAMESPACE_NAME_INVALID', { detail: JSON.stringify(name) })
}

/** Throws SNAPSHOT_NAME_INVALID: it has the form of a table's own name (ClientSnapshotDescriptionUtils). */
export function checkSnapshotName(name: string): void {
  if (!isName(name, QUALIFIER))
    throw new HBaseError('SNAPSHOT_NAME_INVALID', { detail: JSON.stringify(name) })
}

/** The longest name of a file with rows, one that was loaded in bulk ("..._SeqId_1_"), behind "=region-". */
const LINKED_FILE_BYTES = 1 + 32 + 1 + 59

/**
 * Throws TABLE_NAME_INVALID for a table whose snapshots could be taken, but not used: a clone's files
 * are called after table, region and file they stand for (HFileLink), and when the name of one would
 * have more than 255 bytes, the procedure tries for ever, with the table locked.
 */
export function checkLinkable(table: string): void {
  const bytes = MAX_NAME_BYTES - LINKED_FILE_BYTES
  if (Buffer.byteLength(table) <= bytes) return
  const detail = `more than ${bytes} bytes, too long for snapshots`
  throw new HBaseError('TABLE_NAME_INVALID', { table, detail })
}

/** Throws TABLE_NAME_INVALID, alike, for what cannot be cloned into: its name stands behind "region." there. */
export function checkCloneable(table: string): void {
  const bytes = MAX_NAME_BYTES - 33
  if (Buffer.byteLength(table) <= bytes) return
  const detail = `more than ${bytes} bytes, too long for a clone`
  throw new HBaseError('TABLE_NAME_INVALID', { table, detail })
}

/** What is a folder and a node of ZooKeeper, which keeps one name for itself (TableName). */
const isName = (name: string, form: RegExp): boolean =>
  form.test(name) &&
  // HBase looks at units of UTF-16.
  !/[\u{10000}-\u{10ffff}]/u.test(name) &&
  name !== 'zookeeper' &&
  Buffer.byteLength(name) <= MAX_NAME_BYTES
