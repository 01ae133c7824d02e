import {
  CreateTableRequest,
  DeleteFamilyRequest,
  FamilyRequest,
  ModifyTableRequest,
  TableDescriptors,
  TableDescriptorsRequest,
  TableNames,
  TableNamesRequest,
  TableRequest,
  TruncateTableRequest,
} from '../wire/admin-messages.ts'
import { canonicalTableName, formatTableName, parseTableName } from '../table-name.ts'
import { changing, isRemote, starting } from './parts.ts'
import { decodeSchema, encodeFamily, encodeSchema, familyName } from '../schema.ts'
import type { FamilyOptions, TableDescriptor } from '../schema.ts'
import type { AdminParts } from './parts.ts'
import type { Method } from '../call.ts'
import { HBaseError } from '../errors.ts'
import { checkSplits } from '../check.ts'

const CREATE = starting('CreateTable', CreateTableRequest)
const MODIFY = starting('ModifyTable', ModifyTableRequest)
const ADD_FAMILY = starting('AddColumn', FamilyRequest)
const MODIFY_FAMILY = starting('ModifyColumn', FamilyRequest)
const DELETE_FAMILY = starting('DeleteColumn', DeleteFamilyRequest)
const ENABLE = starting('EnableTable', TableRequest)
const DISABLE = starting('DisableTable', TableRequest)
const DELETE = starting('DeleteTable', TableRequest)
const TRUNCATE = starting('truncateTable', TruncateTableRequest)
const DESCRIBE = {
  name: 'GetTableDescriptors',
  request: TableDescriptorsRequest,
  response: TableDescriptors,
}
const NAMES = { name: 'GetTableNames', request: TableNamesRequest, response: TableNames }

export type TableState = 'enabled' | 'disabled' | 'changing'

export function tableCalls(parts: AdminParts) {
  const { master, locator } = parts

  async function describe(table: string): Promise<TableDescriptor | null> {
    const question = { names: [parseTableName(table)] }
    const { schemas } = await master.ask(DESCRIBE, question, parts.deadline(table))
    return schemas[0] === undefined ? null : decodeSchema(schemas[0])
  }

  /** One procedure on a table that has a message of name and nonce alone. */
  function run(table: string, method: typeof ENABLE): Promise<void> {
    const question = { tableName: parseTableName(table), ...master.nonce() }
    return changing(parts, table, (deadline) => master.run(method, question, deadline))
  }

  /** HBase says "invalid" alike of a family that is missing, there already, or the last one. */
  async function alterFamily<Q>(
    { table, family }: { readonly table: string; readonly family: string },
    method: Method<Q, { readonly procId?: bigint | undefined }>,
    question: Q,
  ): Promise<void> {
    try {
      await changing(parts, table, (deadline) => master.run(method, question, deadline))
    } catch (error) {
      if (!isRemote(error, 'InvalidFamilyOperationException')) refusedSchema(error)
      const there = (await describe(table))?.families.some(({ name }) => name === family)
      if (there !== true) throw error
      const { remoteClass } = error
      throw new HBaseError('SCHEMA_REFUSED', { table, remoteClass, detail: family, cause: error })
    }
  }

  function putFamily(table: string, family: FamilyOptions, method: typeof ADD_FAMILY) {
    const tableName = parseTableName(table)
    const question = { tableName, family: encodeFamily(family, table), ...master.nonce() }
    return alterFamily({ table, family: family.name }, method, question)
  }

  return {
    /**
     * Creates a table with one region more than there are split keys. Throws TABLE_EXISTS,
     * SPLITS_INVALID when keys are not ascending and unique, SCHEMA_REFUSED, NAMESPACE_NOT_FOUND.
     */
    async createTable(
      descriptor: TableDescriptor,
      splits: readonly Uint8Array[] = [],
    ): Promise<void> {
      const { name } = descriptor
      checkSplits(splits, name)
      const tableSchema = encodeSchema(descriptor)
      const question = { tableSchema, splitKeys: splits, ...master.nonce() }
      await master.run(CREATE, question, parts.deadline(name)).catch(refusedSchema)
      locator.forgetTable(canonicalTableName(name))
    },

    /** Null when there is no such table. */
    describe,

    async exists(table: string): Promise<boolean> {
      return (await describe(table)) !== null
    },

    /** Null when there is no such table; "changing" while it is being enabled or disabled. */
    async tableState(table: string): Promise<TableState | null> {
      const name = canonicalTableName(table)
      return (await locator.state(name, parts.deadline(name))) ?? null
    },

    /**
     * Replaces the whole description of a table, which may be enabled: its regions are opened again
     * one after the other. What the given one leaves out is gone, a family with all its cells. Throws
     * TABLE_NOT_FOUND, SCHEMA_REFUSED.
     */
    async modifyTable(descriptor: TableDescriptor): Promise<void> {
      const tableName = parseTableName(descriptor.name)
      const question = { tableName, tableSchema: encodeSchema(descriptor), ...master.nonce() }
      await changing(parts, descriptor.name, (deadline) =>
        master.run(MODIFY, question, deadline).catch(refusedSchema),
      )
    },

    /** Throws SCHEMA_REFUSED, also when there is such a family. */
    async addFamily(table: string, family: FamilyOptions): Promise<void> {
      await putFamily(table, family, ADD_FAMILY)
    },

    /** Replaces the whole description of a family. Throws NO_SUCH_FAMILY, SCHEMA_REFUSED. */
    async modifyFamily(table: string, family: FamilyOptions): Promise<void> {
      await putFamily(table, family, MODIFY_FAMILY)
    },

    /** Deletes a family with all its cells. Throws NO_SUCH_FAMILY; SCHEMA_REFUSED for the last one. */
    async deleteFamily(table: string, family: string): Promise<void> {
      const tableName = parseTableName(table)
      const question = { tableName, name: familyName(family, table), ...master.nonce() }
      await alterFamily({ table, family }, DELETE_FAMILY, question)
    },

    /** Throws TABLE_ENABLED when it is enabled already. */
    async enable(table: string): Promise<void> {
      await run(table, ENABLE)
    },

    /** Throws TABLE_DISABLED when it is disabled already. */
    async disable(table: string): Promise<void> {
      await run(table, DISABLE)
    },

    /** Throws TABLE_ENABLED unless it is disabled. */
    async deleteTable(table: string): Promise<void> {
      await run(table, DELETE)
    },

    /**
     * Deletes all rows and keeps the regions, or begins with one again; afterwards it is enabled.
     * Throws TABLE_ENABLED unless it is disabled.
     */
    async truncate(
      table: string,
      { preserveSplits = true }: { readonly preserveSplits?: boolean } = {},
    ): Promise<void> {
      const tableName = parseTableName(table)
      const question = { tableName, preserveSplits, ...master.nonce() }
      await changing(parts, table, (deadline) => master.run(TRUNCATE, question, deadline))
    },

    /** Names of all tables, or of those of one namespace; HBase's own ones are left out. */
    async listTables(namespace?: string): Promise<readonly string[]> {
      const question = { includeSystemTables: false, namespace }
      const { names } = await master.ask(NAMES, question, parts.deadline())
      return names.map(formatTableName).sort()
    },
  }
}

/** What the master says about a description it does not like has no class of its own. */
function refusedSchema(error: unknown): never {
  if (error instanceof HBaseError && error.code === 'REMOTE') {
    const { table, remoteClass } = error
    throw new HBaseError('SCHEMA_REFUSED', { table, remoteClass, cause: error })
  }
  throw error
}
