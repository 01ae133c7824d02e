import {
  CompactRegionRequest,
  CreateNamespaceRequest,
  CreateTableRequest,
  Empty,
  MoveRegionRequest,
  ProcedureStarted,
  RegionInfoRequest,
  RegionInfoResponse,
  RegionRequest,
  SplitRegionRequest,
  TableDescriptors,
  TableDescriptorsRequest,
  TableNames,
  TableNamesRequest,
  TableRequest,
  TruncateTableRequest,
} from './wire/messages.ts'
import { canonicalTableName, formatTableName, parseTableName } from './table-name.ts'
import { decodeSchema, encodeSchema } from './schema.ts'
import { encodedSpecifierOf, specifierOf } from './region.ts'
import type { Deadline } from './deadline.ts'
import { Fault } from './faults.ts'
import { HBaseError } from './errors.ts'
import { assigned } from './locator.ts'
import type { Locator } from './locator.ts'
import type { Master } from './master.ts'
import type { Message } from './wire/message.ts'
import type { Method } from './call.ts'
import type { Pool } from './pool.ts'
import type { Region } from './region.ts'
import type { TableDescriptor } from './schema.ts'
import { checkRow, checkSplits } from './check.ts'
import { persist } from './persist.ts'

const starting = <Q>(name: string, request: Message<Q>) => ({
  name,
  request,
  response: ProcedureStarted,
})
const CREATE = starting('CreateTable', CreateTableRequest)
const ENABLE = starting('EnableTable', TableRequest)
const DISABLE = starting('DisableTable', TableRequest)
const DELETE = starting('DeleteTable', TableRequest)
const TRUNCATE = starting('truncateTable', TruncateTableRequest)
const SPLIT = starting('SplitRegion', SplitRegionRequest)
const CREATE_NAMESPACE = starting('CreateNamespace', CreateNamespaceRequest)
const MOVE = { name: 'MoveRegion', request: MoveRegionRequest, response: Empty }
const DESCRIBE = {
  name: 'GetTableDescriptors',
  request: TableDescriptorsRequest,
  response: TableDescriptors,
}
const NAMES = { name: 'GetTableNames', request: TableNamesRequest, response: TableNames }
const FLUSH = { name: 'FlushRegion', request: RegionRequest, response: Empty }
const COMPACT = { name: 'CompactRegion', request: CompactRegionRequest, response: Empty }
const REGION_INFO = {
  name: 'GetRegionInfo',
  request: RegionInfoRequest,
  response: RegionInfoResponse,
}
const COMPACTION_POLL_MS = 50

export interface AdminParts {
  readonly pool: Pool
  readonly locator: Locator
  readonly master: Master
  deadline(table?: string): Deadline
}

/**
 * Tables and regions. Every change waits until HBase has finished it and throws what it failed
 * with; requests carry a nonce, so that a lost answer does not do a change twice.
 */
export class Admin {
  readonly #parts: AdminParts

  constructor(parts: AdminParts) {
    this.#parts = parts
  }

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
    const { master } = this.#parts
    const question = { tableSchema, splitKeys: splits, ...master.nonce() }
    await master.run(CREATE, question, this.#deadline(name)).catch(refusedSchema)
    this.#parts.locator.forgetTable(canonicalTableName(name))
  }

  /** Null when there is no such table. */
  async describe(table: string): Promise<TableDescriptor | null> {
    const question = { names: [parseTableName(table)] }
    const { schemas } = await this.#parts.master.ask(DESCRIBE, question, this.#deadline(table))
    return schemas[0] === undefined ? null : decodeSchema(schemas[0])
  }

  async exists(table: string): Promise<boolean> {
    return (await this.describe(table)) !== null
  }

  /** Throws TABLE_ENABLED when it is enabled already. */
  async enable(table: string): Promise<void> {
    const question = { tableName: parseTableName(table), ...this.#parts.master.nonce() }
    await this.#change(table, (deadline) => this.#parts.master.run(ENABLE, question, deadline))
  }

  /** Throws TABLE_DISABLED when it is disabled already. */
  async disable(table: string): Promise<void> {
    const question = { tableName: parseTableName(table), ...this.#parts.master.nonce() }
    await this.#change(table, (deadline) => this.#parts.master.run(DISABLE, question, deadline))
  }

  /** Throws TABLE_ENABLED unless it is disabled. */
  async deleteTable(table: string): Promise<void> {
    const question = { tableName: parseTableName(table), ...this.#parts.master.nonce() }
    await this.#change(table, (deadline) => this.#parts.master.run(DELETE, question, deadline))
  }

  /** Deletes all rows and keeps the regions; afterwards it is enabled. Throws TABLE_ENABLED unless it is disabled. */
  async truncate(table: string): Promise<void> {
    const tableName = parseTableName(table)
    const question = { tableName, preserveSplits: true, ...this.#parts.master.nonce() }
    await this.#change(table, (deadline) => this.#parts.master.run(TRUNCATE, question, deadline))
  }

  /** Writes what is in memory to store files. Safe to repeat. */
  async flush(table: string): Promise<void> {
    await this.#eachRegion(table, async (region, deadline) => {
      await this.#ask(region, FLUSH, { region: specifierOf(region.name) }, deadline)
    })
  }

  /** Merges store files and waits until that is done; `major` also drops what is deleted or expired. */
  async compact(table: string, major = false): Promise<void> {
    await this.#eachRegion(table, async (region, deadline) => {
      const specifier = specifierOf(region.name)
      await this.#ask(region, COMPACT, { region: specifier, major }, deadline)
      const question = { region: specifier, compactionState: true }
      const running = new StillCompacting('the compaction is still running')
      do {
        await deadline.pause(COMPACTION_POLL_MS, running)
      } while (
        ((await this.#ask(region, REGION_INFO, question, deadline)).compactionState ?? 0) !== 0
      )
    })
  }

  /** Safe to repeat. */
  async createNamespace(name: string): Promise<void> {
    const namespace = { name: Buffer.from(name) }
    const { master } = this.#parts
    try {
      await master.run(CREATE_NAMESPACE, { namespace, ...master.nonce() }, this.#deadline())
    } catch (error) {
      const exists = error instanceof HBaseError && error.remoteClass?.endsWith(NAMESPACE_EXISTS)
      if (exists !== true) throw error
    }
  }

  /** Names of all tables, or of those of one namespace; HBase's own ones are left out. */
  async listTables(namespace?: string): Promise<readonly string[]> {
    const question = { includeSystemTables: false, namespace }
    const { names } = await this.#parts.master.ask(NAMES, question, this.#deadline())
    return names.map(formatTableName).sort()
  }

  /** host:port of the live region servers. */
  async servers(): Promise<readonly string[]> {
    return [...(await this.#parts.master.servers(this.#deadline())).keys()].sort()
  }

  /** Moves the region that holds the row to a live server, and returns when it is open there. */
  async moveRegion(table: string, row: Uint8Array, server: string): Promise<void> {
    await this.#change(table, async (deadline) => {
      const { locator, master } = this.#parts
      const region = await locator.locate(canonicalTableName(table), row, deadline)
      const destination = (await master.servers(deadline)).get(server)
      if (destination === undefined) {
        throw new HBaseError('REMOTE', { table, detail: `no live server ${server}` })
      }
      const question = { region: encodedSpecifierOf(region), destination }
      await master.ask(MOVE, question, deadline)
    })
  }

  /** Splits the region that holds the row, so that the row begins the second half. */
  async splitRegion(table: string, row: Uint8Array): Promise<void> {
    checkRow(row, table)
    await this.#change(table, async (deadline) => {
      const { locator, master } = this.#parts
      const region = await locator.locate(canonicalTableName(table), row, deadline)
      const question = { regionInfo: region.info, splitRow: row, ...master.nonce() }
      await master.run(SPLIT, question, deadline)
    })
  }

  #deadline(table?: string): Deadline {
    return this.#parts.deadline(table)
  }

  async #change(table: string, change: (deadline: Deadline) => Promise<void>): Promise<void> {
    const name = canonicalTableName(table)
    this.#parts.locator.forgetTable(name)
    await change(this.#deadline(table))
    this.#parts.locator.forgetTable(name)
  }

  /** Does something on all regions; from the start again when one is found to have moved. */
  async #eachRegion(
    table: string,
    visit: (region: Region, deadline: Deadline) => Promise<void>,
  ): Promise<void> {
    const deadline = this.#deadline(table)
    const name = canonicalTableName(table)
    const attempt = async () => {
      for (const region of await this.#parts.locator.list(name, deadline))
        await visit(assigned(region), deadline)
    }
    await persist(deadline, attempt, {
      tell: true,
      onFault: async (fault, tries) => {
        const { locator } = this.#parts
        if (fault.remedy === 'relocate' && tries % 3 === 0)
          await locator.checkEnabled(name, deadline)
      },
    })
  }

  #ask<Q, A>(
    { server }: Region,
    method: Method<Q, A>,
    question: Q,
    deadline: Deadline,
  ): Promise<A> {
    return this.#parts.pool.ask({ server, service: 'AdminService' }, method, question, deadline)
  }
}

const NAMESPACE_EXISTS = 'NamespaceExistException'

/** What the master says about a description it does not like has no class of its own. */
function refusedSchema(error: unknown): never {
  if (error instanceof HBaseError && error.code === 'REMOTE') {
    const { table, remoteClass } = error
    throw new HBaseError('SCHEMA_REFUSED', { table, remoteClass, cause: error })
  }
  throw error
}

class StillCompacting extends Fault {
  readonly remedy = 'wait'
  override readonly name = 'StillCompacting'
}
