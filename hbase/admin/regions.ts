import {
  MergeRegionsRequest,
  MoveRegionRequest,
  SplitRegionRequest,
} from '../wire/admin-messages.ts'
import type { RegionName, TableRegion } from './region-list.ts'
import { changing, starting } from './parts.ts'
import { encodedSpecifier, holds } from '../region.ts'
import { findRegion, isOpen, listRegions, whenOpen } from './region-list.ts'
import type { AdminParts } from './parts.ts'
import type { Deadline } from '../deadline.ts'
import { Empty } from '../wire/messages.ts'
import { HBaseError } from '../errors.ts'
import { canonicalTableName, parseTableName } from '../table-name.ts'
import { checkBegin } from '../check.ts'
import { storeCalls } from './stores.ts'

const SPLIT = starting('SplitRegion', SplitRegionRequest)
const MERGE = starting('MergeTableRegions', MergeRegionsRequest)
const MOVE = { name: 'MoveRegion', request: MoveRegionRequest, response: Empty }

export function regionCalls(parts: AdminParts) {
  const { master } = parts

  async function liveServer(server: string | undefined, deadline: Deadline) {
    if (server === undefined) return undefined
    const found = (await master.servers(deadline)).get(server)
    if (found !== undefined) return found
    throw new HBaseError('SERVER_NOT_FOUND', { table: deadline.table, detail: server })
  }

  return {
    /**
     * The regions of a table in key order, as hbase:meta has them now. With `parents` also those
     * that were split and are not cleaned up yet. Throws TABLE_NOT_FOUND.
     */
    async regions(
      table: string,
      { parents = false }: { readonly parents?: boolean } = {},
    ): Promise<readonly TableRegion[]> {
      const name = canonicalTableName(table)
      const regions = await listRegions(parts, name, parts.deadline(name))
      return regions.filter(({ split, offline }) => parents || !(split || offline))
    },

    /**
     * Moves a region to a live server (host:port), or to one HBase picks, and returns when it is
     * open there. Waits while others open, close or move it. Throws SERVER_NOT_FOUND,
     * REGION_NOT_FOUND (it was split, merged or deleted), TABLE_DISABLED.
     */
    async move(region: RegionName, server?: string): Promise<void> {
      const { table } = region
      await changing(parts, table, async (deadline) => {
        const destination = await liveServer(server, deadline)
        const question = { region: encodedSpecifier(region.encodedName), destination }
        const [before] = await whenOpen(parts, [region], deadline, async () => {
          await master.ask(MOVE, question, deadline)
        })
        const after = await findRegion(parts, region, deadline)
        if (server === undefined || after === undefined || after.server === server) return
        // The master passes in silence over what it cannot or will not do (HMaster.move).
        if (after.server === before?.server && isOpen(after)) throw undone('MoveRegion', table)
      })
    },

    /**
     * Splits the region that holds the row, so that the row begins the second half, and returns when
     * both halves are open. Waits while others open, close or move the region. Throws SPLIT_INVALID
     * when a region begins with the row already, TABLE_DISABLED.
     */
    async split(table: string, row: Uint8Array): Promise<void> {
      checkBegin(row, table)
      await changing(parts, table, async (deadline) => {
        const name = canonicalTableName(table)
        const list = async () =>
          (await listRegions(parts, name, deadline)).filter((one) => !one.split && !one.offline)
        const region = (await list()).find((one) => holds(one, row))
        if (region === undefined) throw new HBaseError('META_INCONSISTENT', { table })
        if (Buffer.compare(region.start, row) === 0)
          throw new HBaseError('SPLIT_INVALID', { table })
        const { id: regionId, start: startKey, end: endKey } = region
        const regionInfo = { regionId, tableName: parseTableName(name), startKey, endKey }
        await whenOpen(parts, [region], deadline, () =>
          master.run(SPLIT, { regionInfo, splitRow: row, ...master.nonce() }, deadline),
        )
        // It ends well also when the master has passed over it (SplitTableRegionProcedure).
        const isWhole = (await list()).some(({ encodedName }) => encodedName === region.encodedName)
        if (isWhole) throw undone('SplitRegion', table)
      })
    },

    /**
     * Makes one region of two that lie side by side, in either order, and returns when it is open.
     * Waits while others open, close or move them. Throws MERGE_INVALID when they do not,
     * REGION_NOT_FOUND, TABLE_DISABLED, and REMOTE when HBase will not merge them: one that came out
     * of a split or merge is taken only when compactions have freed it and `cleanCatalog` has run.
     */
    async merge(a: RegionName, b: RegionName): Promise<void> {
      const { table } = a
      await changing(parts, table, async (deadline) => {
        const found = await Promise.all([a, b].map((one) => findRegion(parts, one, deadline)))
        checkAdjacent(found, table)
        const regions = [a, b].map(({ encodedName }) => encodedSpecifier(encodedName))
        await whenOpen(parts, [a, b], deadline, () =>
          master.run(MERGE, { regions, forcible: false, ...master.nonce() }, deadline),
        )
        if ((await findRegion(parts, a, deadline)) !== undefined)
          throw undone('MergeTableRegions', table)
      })
    },

    ...storeCalls(parts),
  }
}

const undone = (method: string, table: string): HBaseError =>
  new HBaseError('REMOTE', { table, detail: `${method}: the master did not do it` })

/** Merging what does not meet would make a region over those between (only `forcible` does that). */
function checkAdjacent([a, b]: readonly (TableRegion | undefined)[], table: string): void {
  if (a === undefined || b === undefined) throw new HBaseError('REGION_NOT_FOUND', { table })
  const meets = (left: TableRegion, right: TableRegion) =>
    left.end.length > 0 && Buffer.compare(left.end, right.start) === 0
  if (a.table === b.table && (meets(a, b) || meets(b, a))) return
  throw new HBaseError('MERGE_INVALID', { table })
}
