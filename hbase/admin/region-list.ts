import { META_TABLE, encodedNameOf, infoColumn, parseRegionInfo } from '../region.ts'
import type { AdminParts } from './parts.ts'
import { ConnectionFault, StillRunning } from '../faults.ts'
import type { Fault } from '../faults.ts'
import type { Deadline } from '../deadline.ts'
import { HBaseError } from '../errors.ts'
import { metaRows } from '../meta-rows.ts'
import type { RegionInfoValue } from '../wire/messages.ts'
import type { Result } from '../types.ts'
import { asBuffer } from '../wire/message.ts'
import { formatTableName } from '../table-name.ts'
import { isRemote } from './parts.ts'
import { persist } from '../persist.ts'

/** A region as hbase:meta describes it. */
export interface TableRegion {
  readonly table: string
  readonly name: Uint8Array
  /** The 32 hex digits at the end of the name, which stand for it everywhere in HBase. */
  readonly encodedName: string
  /** Creation time in milliseconds. */
  readonly id: bigint
  /** First row; empty for the first region. */
  readonly start: Uint8Array
  /** The row to stop before; empty for the last region. */
  readonly end: Uint8Array
  /** host:port; empty while no server holds it. */
  readonly server: string
  /** OPEN, OPENING, CLOSED, SPLITTING, ... (RegionState.State) */
  readonly state: string
  readonly offline: boolean
  /** It was split and only waits to be cleaned up. */
  readonly split: boolean
}

/** What `change` and the like need to find a region again. */
export type RegionName = Pick<TableRegion, 'table' | 'encodedName'>

export const isOpen = ({ state, server }: TableRegion): boolean => state === 'OPEN' && server !== ''

const EMPTY = Buffer.alloc(0)
const SETTLE_POLL_MS = 100

/** All regions of a table in the order of hbase:meta, split parents too. Throws TABLE_NOT_FOUND. */
export async function listRegions(
  { pool, registry, locator }: AdminParts,
  table: string,
  deadline: Deadline,
): Promise<readonly TableRegion[]> {
  const attempt = async () => {
    const server = await registry.meta(deadline)
    if (table === META_TABLE) return [ofMeta(server)]
    const rows = await metaRows(pool, server, table, deadline)
    return rows.flatMap((row) => parse(row, table))
  }
  if (table === META_TABLE) registry.forgetMeta()
  const onFault = (fault: Fault) => {
    if (fault instanceof ConnectionFault || fault.remedy === 'relocate') registry.forgetMeta()
  }
  const regions = await persist(deadline, attempt, { patient: true, onFault })
  if (regions.length === 0 && (await locator.state(table, deadline)) === undefined) {
    throw new HBaseError('TABLE_NOT_FOUND', { table })
  }
  return regions
}

/** Undefined when it was split, merged or deleted. */
export async function findRegion(
  parts: AdminParts,
  { table, encodedName }: RegionName,
  deadline: Deadline,
): Promise<TableRegion | undefined> {
  const regions = await listRegions(parts, table, deadline)
  return regions.find((one) => one.encodedName === encodedName && !one.split && !one.offline)
}

/**
 * Changes regions when all of them are open, waiting while others open, close or move them; returns
 * them as they were before. HBase refuses at once what it could do a moment later
 * (RegionStateNode.checkOnline, AssignmentManager.preTransitCheck). Throws REGION_NOT_FOUND.
 */
export async function whenOpen(
  parts: AdminParts,
  names: readonly RegionName[],
  deadline: Deadline,
  change: () => Promise<void>,
): Promise<readonly TableRegion[]> {
  for (let refusals = 0; ;) {
    const regions = await settled(parts, names, deadline)
    try {
      await change()
      return regions
    } catch (error) {
      if (!isRemote(error, ...UNSETTLED)) throw error
      const now = await Promise.all(names.map((name) => findRegion(parts, name, deadline)))
      const stillOpen = now.every((region) => region !== undefined && isOpen(region))
      // Twice refused though open: it is not a matter of waiting.
      if (stillOpen && ++refusals === 2) throw error
    }
  }
}

const UNSETTLED = ['DoNotRetryRegionException', 'MergeRegionException', 'HBaseIOException']

async function settled(
  parts: AdminParts,
  names: readonly RegionName[],
  deadline: Deadline,
): Promise<readonly TableRegion[]> {
  for (let looks = 1; ; looks++) {
    const regions = await Promise.all(names.map((name) => findRegion(parts, name, deadline)))
    const found = regions.filter((region) => region !== undefined)
    const table = names[0]?.table
    if (found.length < names.length) throw new HBaseError('REGION_NOT_FOUND', { table })
    if (found.every(isOpen)) return found
    if (table !== undefined) await parts.locator.checkNowAndThen(looks, table, deadline)
    await deadline.pause(SETTLE_POLL_MS, new StillRunning(`a region of ${table} is not open`))
  }
}

function parse({ row, cells }: Result, table: string): TableRegion[] {
  const info = parseRegionInfo(infoColumn(cells, 'regioninfo'))
  if (info?.tableName === undefined || (info.replicaId ?? 0) !== 0) return []
  if (formatTableName(info.tableName) !== table) return []
  const server = infoColumn(cells, 'server').toString()
  const state = infoColumn(cells, 'state').toString()
  return [describe(info, { table, name: Buffer.from(row), server, state })]
}

const describe = (
  { regionId, startKey, endKey, offline, split }: RegionInfoValue,
  of: Pick<TableRegion, 'table' | 'name' | 'server' | 'state'>,
): TableRegion => ({
  ...of,
  encodedName: encodedNameOf(of.name),
  id: regionId ?? 0n,
  start: asBuffer(startKey ?? EMPTY),
  end: asBuffer(endKey ?? EMPTY),
  offline: offline ?? false,
  split: split ?? false,
})

/** The one region of hbase:meta has no row there; only its server changes (RegionInfoBuilder). */
const ofMeta = (server: string): TableRegion => ({
  table: META_TABLE,
  name: Buffer.from('hbase:meta,,1'),
  encodedName: '1588230740',
  id: 1n,
  start: EMPTY,
  end: EMPTY,
  server,
  state: 'OPEN',
  offline: false,
  split: false,
})
