import { HBaseError } from './errors.ts'

export interface TableNameValue {
  readonly namespace?: Uint8Array | undefined
  readonly qualifier?: Uint8Array | undefined
}

/** Namespaces and tables are folders (dfs.namenode.fs-limits.max-component-length). */
const MAX_NAME_BYTES = 255

const VALID = /^(?:[\p{L}\p{N}_]+:)?[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u

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
  const tooLong = table.split(':').some((part) => Buffer.byteLength(part) > MAX_NAME_BYTES)
  if (!VALID.test(table) || tooLong) throw new HBaseError('TABLE_NAME_INVALID', { table })
}

/** Throws NAMESPACE_NAME_INVALID (TableName.isLegalNamespaceName: no '-' nor '.' here). */
export function checkNamespace(name: string): void {
  if (!/^[\p{L}\p{N}_]+$/u.test(name) || Buffer.byteLength(name) > MAX_NAME_BYTES)
    throw new HBaseError('NAMESPACE_NAME_INVALID', { detail: JSON.stringify(name) })
}
