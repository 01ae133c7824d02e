import { HBaseError } from './errors.ts'
import type { TableSchemaValue } from './wire/messages.ts'
import { asBuffer } from './wire/message.ts'
import { formatTableName, parseTableName } from './table-name.ts'

type Settings = Readonly<Record<string, string>>

export interface FamilyOptions {
  readonly name: string
  /** VERSIONS, COMPRESSION, BLOOMFILTER, TTL ... as HBase's own descriptors spell them. */
  readonly attributes?: Settings
  /** Settings of the server for this family alone, such as hbase.hstore.time.to.purge.deletes. */
  readonly configuration?: Settings
}

export interface TableDescriptor {
  /** "table" or "namespace:table". */
  readonly name: string
  readonly families: readonly FamilyOptions[]
  /** HBase's own attributes and any others, which it keeps and gives back. */
  readonly attributes: Settings
}

/** Throws TABLE_NAME_INVALID, FAMILY_INVALID or SCHEMA_REFUSED. */
export function encodeSchema({ name, families, attributes }: TableDescriptor): TableSchemaValue {
  if (families.length === 0) {
    throw new HBaseError('SCHEMA_REFUSED', { table: name, detail: 'it has no column family' })
  }
  return {
    tableName: parseTableName(name),
    attributes: pairs(attributes),
    columnFamilies: families.map((family) => encodeFamily(family, name)),
  }
}

/** Throws FAMILY_INVALID or SCHEMA_REFUSED. */
export const encodeFamily = (family: FamilyOptions, table: string): FamilyValue => ({
  name: familyName(family.name, table),
  attributes: pairs(checkedFamily(family, table)),
  configuration: Object.entries(family.configuration ?? {}).map(([key, value]) => ({
    name: key,
    value,
  })),
})

/**
 * Throws SCHEMA_REFUSED for what would make a table nobody can use: an unknown codec keeps its
 * regions from opening where the master's checks are off (hbase.table.sanity.checks).
 */
function checkedFamily({ name, attributes = {} }: FamilyOptions, table: string): Settings {
  for (const [key, value] of Object.entries(attributes)) {
    const known = KNOWN[key]
    if (known === undefined || known.includes(value.toUpperCase())) continue
    throw new HBaseError('SCHEMA_REFUSED', {
      table,
      detail: `${key}=${value} of family ${name}; possible: ${known.join(', ')}`,
    })
  }
  return attributes
}

/** Compression.Algorithm, BloomType, DataBlockEncoding, KeepDeletedCells. */
const CODECS = ['NONE', 'GZ', 'SNAPPY', 'LZ4', 'ZSTD', 'LZO', 'BZIP2', 'LZMA', 'BROTLI']
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  COMPRESSION: CODECS,
  COMPRESSION_COMPACT: CODECS,
  COMPRESSION_COMPACT_MAJOR: CODECS,
  COMPRESSION_COMPACT_MINOR: CODECS,
  BLOOMFILTER: ['NONE', 'ROW', 'ROWCOL', 'ROWPREFIX_FIXED_LENGTH'],
  DATA_BLOCK_ENCODING: ['NONE', 'PREFIX', 'DIFF', 'FAST_DIFF', 'ROW_INDEX_V1'],
  KEEP_DELETED_CELLS: ['FALSE', 'TRUE', 'TTL'],
}

type FamilyValue = TableSchemaValue['columnFamilies'][number]

export function decodeSchema(schema: TableSchemaValue): TableDescriptor {
  return {
    name: formatTableName(schema.tableName ?? {}),
    attributes: settings(schema.attributes),
    families: schema.columnFamilies.map(({ name, attributes, configuration }) => ({
      name: text(name),
      attributes: settings(attributes),
      configuration: Object.fromEntries(
        configuration.map(({ name: key = '', value = '' }) => [key, value]),
      ),
    })),
  }
}

/** Throws FAMILY_INVALID. */
export function familyName(name: string, table: string): Buffer {
  const bytes = Buffer.from(name)
  // A ':' would end the name inside a column; the rest cannot be a folder (ColumnFamilyDescriptorBuilder).
  if (bytes.length >= 1 && bytes.length <= 127 && !/[:/\p{Cc}]/u.test(name)) return bytes
  throw new HBaseError('FAMILY_INVALID', { table, detail: JSON.stringify(name) })
}

const pairs = (given: Settings) =>
  Object.entries(given).map(([key, value]) => ({
    first: Buffer.from(key),
    second: Buffer.from(value),
  }))

interface Pair {
  readonly first?: Uint8Array | undefined
  readonly second?: Uint8Array | undefined
}

const settings = (given: readonly Pair[]): Record<string, string> =>
  Object.fromEntries(given.map(({ first, second }) => [text(first), text(second)]))

const text = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? '' : asBuffer(bytes).toString()
