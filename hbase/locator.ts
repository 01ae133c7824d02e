import { CellReader, NameCache } from './wire/cellblock.ts'
import { GetRequest, GetResponse, ScanRequest, ScanResponse, TableState } from './wire/messages.ts'
import { META_PRIORITY, decodeReply, requestOf, understand } from './call.ts'
import { encodedNameOf, holds, metaRegion, parseMetaRow, specifierOf } from './region.ts'
import type { Deadline } from './deadline.ts'
import { ConnectionFault, Fault, RemoteFault } from './faults.ts'
import type { Remedy } from './faults.ts'
import { Gate } from './gate.ts'
import { HBaseError } from './errors.ts'
import type { Pool } from './pool.ts'
import type { Region } from './region.ts'
import { RegionCache } from './region-cache.ts'
import { metaRows } from './meta-rows.ts'
import type { Registry } from './registry.ts'
import type { Result } from './types.ts'
import { persist } from './persist.ts'
import { relocations } from './channels.ts'

const SCAN = { name: 'Scan', request: ScanRequest, response: ScanResponse }
const GET = { name: 'Get', request: GetRequest, response: GetResponse }
const INFO = Buffer.from('info')
const TABLE_FAMILY = Buffer.from('table')
const STATE = Buffer.from('state')
const MAX_ROW = 32_767

/** One lookup also brings the regions before the one asked for, and passes over split parents. */
const LOOKUP_ROWS = 10

/** As many as HBase's own client has under way (AsyncNonMetaRegionLocator). */
const LOOKUPS_PER_TABLE = 8

/** How often regions may answer that they are not there before the table itself is asked about. */
const TABLE_CHECK_EVERY = 3

/** Lookups that find a hole in the key space are repeated this often: a split shows none, damage does. */
const HOLE_TRIES = 5

/** Knows which server holds which rows, from hbase:meta. */
export class Locator {
  readonly #pool: Pool
  readonly #registry: Registry
  readonly #tables = new Map<string, RegionCache>()
  readonly #lookups = new Gate({ capacityOf: () => LOOKUPS_PER_TABLE })

  constructor(pool: Pool, registry: Registry) {
    this.#pool = pool
    this.#registry = registry
  }

  /** The region of a row if it is known already. */
  known(table: string, row: Uint8Array): Region | undefined {
    return this.#tables.get(table)?.find(row)
  }

  /**
   * Every third time that regions have answered they are not there, asks about the table itself:
   * often enough for one that was disabled or deleted. Throws as `checkEnabled`.
   */
  async checkNowAndThen(times: number, table: string, deadline: Deadline): Promise<void> {
    if (times % TABLE_CHECK_EVERY === 0) await this.checkEnabled(table, deadline)
  }

  /** Is this still what is known of the region? */
  isKnown(region: Region): boolean {
    return this.known(region.table, region.start) === region
  }

  /**
   * The region of a row. Throws TABLE_NOT_FOUND, TABLE_DISABLED, or META_INCONSISTENT when
   * hbase:meta has no region for it.
   */
  async locate(table: string, row: Uint8Array, deadline: Deadline): Promise<Region> {
    const known = this.known(table, row)
    if (known !== undefined) return known
    let holes = 0
    const attempt = async () => {
      const found = await this.#lookUpInTurn(table, row, deadline)
      if (found !== undefined) return assigned(found)
      await this.checkExists(table, deadline)
      if (++holes >= HOLE_TRIES) throw new HBaseError('META_INCONSISTENT', { table })
      throw new Unassigned(`${table} has a hole`)
    }
    return persist(deadline, attempt, {
      patient: true,
      onFault: async (fault, tries) => {
        this.#metaFailed(fault)
        if (fault instanceof Unassigned) await this.checkNowAndThen(tries, table, deadline)
      },
    })
  }

  /** All regions of a table in key order, fresh from hbase:meta. */
  async list(table: string, deadline: Deadline): Promise<readonly Region[]> {
    const attempt = async () => {
      const server = await this.#registry.meta(deadline)
      const rows = await metaRows(this.#pool, server, table, deadline)
      return rows
        .map(parseMetaRow)
        .filter((region) => region !== undefined)
        .filter((region) => region.table === table)
    }
    const regions = await persist(deadline, attempt, {
      patient: true,
      onFault: (fault) => {
        this.#metaFailed(fault)
      },
    })
    if (regions.length === 0) await this.checkExists(table, deadline)
    return regions
  }

  /**
   * Throws TABLE_NOT_FOUND or TABLE_DISABLED. Regions of such tables answer like regions that are
   * moving, for ever (NotServingRegionException): only the state of the table tells.
   */
  async checkEnabled(table: string, deadline: Deadline): Promise<void> {
    const state = await this.state(table, deadline)
    if (state === undefined) throw new HBaseError('TABLE_NOT_FOUND', { table })
    if (state === 'disabled') throw new HBaseError('TABLE_DISABLED', { table })
  }

  /** Undefined when there is no such table; "changing" while it is being enabled or disabled. */
  state(
    table: string,
    deadline: Deadline,
  ): Promise<'enabled' | 'disabled' | 'changing' | undefined> {
    const attempt = async () => {
      const meta = metaRegion(await this.#registry.meta(deadline))
      const columns = [{ family: TABLE_FAMILY, qualifiers: [STATE] }]
      const get = { region: specifierOf(meta.name), get: { row: Buffer.from(table), columns } }
      const request = requestOf(GET, get, META_PRIORITY)
      const { cells } = await this.#pool.send(meta.server, 'ClientService', request, deadline)
      if (cells.length === 0) return undefined
      return understand('Get', () => {
        const { value } = new CellReader(cells, new NameCache()).next(0)
        return STATES[TableState.decode(value).state ?? 0] ?? 'changing'
      })
    }
    return persist(deadline, attempt, {
      patient: true,
      onFault: (fault) => {
        this.#metaFailed(fault)
      },
    })
  }

  forget(region: Region): void {
    this.#tables.get(region.table)?.remove(region)
  }

  forgetTable(table: string): void {
    this.#tables.delete(table)
  }

  forgetServer(server: string): void {
    for (const cache of this.#tables.values()) cache.removeServer(server)
  }

  /** Forgets what a failed call on a region has shown to be wrong, or follows where it moved. */
  learn(fault: Fault, region: Region): void {
    if (RELOCATING.includes(fault.remedy)) {
      const { table, server } = region
      relocations.publish(() => ({
        table,
        server,
        region: encodedNameOf(region.name),
        why: fault.why,
      }))
    }
    if (fault.remedy === 'reconnect') this.forgetServer(region.server)
    else if (fault.remedy === 'moved') this.#follow(fault, region)
    else if (FORGETTING.includes(fault.remedy)) this.forget(region)
    if (fault instanceof ConnectionFault) this.#registry.forgetMeta()
  }

  /** A word that does not count is stale; hbase:meta has the last one. */
  #follow(fault: Fault, region: Region): void {
    const move = fault instanceof RemoteFault ? fault.movedTo : undefined
    const followed = move !== undefined && this.#tables.get(region.table)?.move(region, move)
    if (followed !== true) this.forget(region)
  }

  #metaFailed(fault: Fault): void {
    if (!(fault instanceof Unassigned)) this.#registry.forgetMeta()
  }

  /** Throws TABLE_NOT_FOUND. */
  async checkExists(table: string, deadline: Deadline): Promise<void> {
    const state = await this.state(table, deadline)
    if (state === undefined) throw new HBaseError('TABLE_NOT_FOUND', { table })
  }

  /**
   * Whoever has waited for others mostly finds the answer there: without it, a thousand calls on a
   * table that was just forgotten were a thousand scans of hbase:meta.
   */
  async #lookUpInTurn(
    table: string,
    row: Uint8Array,
    deadline: Deadline,
  ): Promise<Region | undefined> {
    const leave = await this.#lookups.enter(table, 1, deadline)
    try {
      return this.known(table, row) ?? (await this.#lookUp(table, row, deadline))
    } finally {
      leave()
    }
  }

  /**
   * Backwards from the row: the first region that begins at or before it must hold it. Looking
   * further would hide regions that overlap. Those further back are remembered for later.
   */
  async #lookUp(table: string, row: Uint8Array, deadline: Deadline): Promise<Region | undefined> {
    const results = await this.#readBackwards(table, row, deadline)
    const regions = results
      .map(parseMetaRow)
      .filter((region) => region !== undefined)
      .filter((region) => region.table === table)
    for (const region of regions) if (region.server !== '') this.#remember(region)
    const [nearest] = regions
    return nearest !== undefined && holds(nearest, row) ? nearest : undefined
  }

  async #readBackwards(
    table: string,
    row: Uint8Array,
    deadline: Deadline,
  ): Promise<readonly Result[]> {
    const server = await this.#registry.meta(deadline)
    const prefix = Buffer.from(`${table},`)
    const suffix = Buffer.from(',99999999999999')
    // The key of hbase:meta is a row key itself and as limited.
    const fitting = row.subarray(0, MAX_ROW - prefix.length - suffix.length)
    const request = requestOf(
      SCAN,
      {
        region: specifierOf(metaRegion(server).name),
        scan: {
          columns: [{ family: INFO, qualifiers: [] }],
          attributes: [],
          startRow: Buffer.concat([prefix, fitting, suffix]),
          stopRow: Buffer.from(`${table},,`),
          includeStopRow: true,
          reversed: true,
          caching: LOOKUP_ROWS,
        },
        numberOfRows: LOOKUP_ROWS,
        closeScanner: true,
      },
      META_PRIORITY,
    )
    const reply = await this.#pool.send(server, 'ClientService', request, deadline)
    const { cellsPerResult } = decodeReply(SCAN, reply)
    const reader = new CellReader(reply.cells, new NameCache())
    return understand('Scan', () =>
      cellsPerResult.map((count) => ({
        row: reader.row(),
        cells: Array.from({ length: count }, (_, column) => reader.next(column)),
      })),
    )
  }

  #remember(region: Region): void {
    let cache = this.#tables.get(region.table)
    if (cache === undefined) this.#tables.set(region.table, (cache = new RegionCache()))
    cache.add(region)
  }
}

/** The region is not where, or not what, it was thought to be. */
const RELOCATING: readonly Remedy[] = ['reconnect', 'moved', 'relocate', 'misplaced']
const FORGETTING: readonly Remedy[] = ['relocate', 'misplaced', 'probe']

/** TableState.State in HBase.proto; 2 and 3 are the ways between. */
const STATES = ['enabled', 'disabled'] as const

/** The region itself. Throws a fault that passes while no server holds it. */
export function assigned(region: Region): Region {
  if (region.server !== '') return region
  throw new Unassigned(`a region of ${region.table} is on no server`)
}

/** The region is between two servers. */
class Unassigned extends Fault {
  readonly remedy = 'relocate'
  override readonly name = 'Unassigned'
}
