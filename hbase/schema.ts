import { HBaseError } from './errors.ts'
import type { TableSchemaValue } from './wire/messages.ts'
import { asBuffer } from './wire/message.ts'
import { checkSettings } from './schema-check.ts'
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
  const twice = families.find(
    (one, i) => families.findIndex((other) => other.name === one.name) < i,
  )
  if (twice !== undefined)
    throw new HBaseError('SCHEMA_REFUSED', { table: name, detail: `two families ${twice.name}` })
  checkSettings(attributes, { table: name, what: 'of the table' })
  return {
    tableName: parseTableName(name),
    attributes: pairs(attributes),
    columnFamilies: families.map((family) => encodeFamily(family, name)),
  }
}

/** Throws FAMILY_INVALID or SCHEMA_REFUSED. */
export function encodeFamily(family: FamilyOptions, table: string): FamilyValue {
  const name = familyName(family.name, table)
  const what = `of family ${family.name}`
  checkSettings(family.attributes ?? {}, { table, what })
  checkSettings(family.configuration ?? {}, { table, what })
  return {
    name,
    attributes: pairs(family.attributes ?? {}),
    configuration: Object.entries(family.configuration ?? {}).map(([key, value]) => ({
      name: key,
      value,
    })),
  }
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
  const isFolder = !/^\.|[:/\\\p{Cc}]/u.test(name) && name !== 'recovered.edits'
  if (bytes.length >= 1 && bytes.length <= 127 && isFolder) return bytes
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
