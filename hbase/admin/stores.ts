import {
  CompactRegionRequest,
  RegionInfoRequest,
  RegionInfoResponse,
  RegionRequest,
} from '../wire/admin-messages.ts'
import type { AdminParts } from './parts.ts'
import type { Deadline } from '../deadline.ts'
import { Empty } from '../wire/messages.ts'
import { Fault, StillRunning } from '../faults.ts'
import type { Method } from '../call.ts'
import type { TableRegion } from './region-list.ts'
import { canonicalTableName } from '../table-name.ts'
import { isOpen, listRegions } from './region-list.ts'
import { persist } from '../persist.ts'
import { specifierOf } from '../region.ts'

const FLUSH = { name: 'FlushRegion', request: RegionRequest, response: Empty }
const COMPACT = { name: 'CompactRegion', request: CompactRegionRequest, response: Empty }
const REGION_INFO = {
  name: 'GetRegionInfo',
  request: RegionInfoRequest,
  response: RegionInfoResponse,
}
const COMPACTION_POLL_MS = 50

type Visit = (region: TableRegion, deadline: Deadline) => Promise<void>

/** What is asked of the region servers themselves, region by region (AdminService). */
export function storeCalls(parts: AdminParts) {
  const { pool, locator } = parts

  const ask = <Q, A>(
    { server }: TableRegion,
    method: Method<Q, A>,
    question: Q,
    deadline: Deadline,
  ): Promise<A> => pool.ask({ server, service: 'AdminService' }, method, question, deadline)

  /** Visits every region once, those too that come out of a split or merge meanwhile. */
  async function eachRegion(table: string, visit: Visit): Promise<void> {
    const name = canonicalTableName(table)
    const deadline = parts.deadline(name)
    const visited = new Set<string>()
    const attempt = async () => {
      for (const region of await listRegions(parts, name, deadline)) {
        if (region.split || region.offline || visited.has(region.encodedName)) continue
        if (!isOpen(region)) throw new NotOpen(`a region of ${name} is not open`)
        await visit(region, deadline)
        visited.add(region.encodedName)
      }
    }
    await persist(deadline, attempt, {
      tell: true,
      onFault: async ({ remedy }, tries) => {
        if (remedy === 'relocate') await locator.checkNowAndThen(tries, name, deadline)
      },
    })
  }

  async function compactRegion(region: TableRegion, major: boolean, deadline: Deadline) {
    const specifier = specifierOf(region.name)
    await ask(region, COMPACT, { region: specifier, major }, deadline)
    const question = { region: specifier, compactionState: true }
    const running = new StillRunning('the compaction is still running')
    do {
      await deadline.pause(COMPACTION_POLL_MS, running)
    } while (((await ask(region, REGION_INFO, question, deadline)).compactionState ?? 0) !== 0)
  }

  return {
    /** Writes what is in memory to store files. Safe to repeat. Throws TABLE_NOT_FOUND, TABLE_DISABLED. */
    async flush(table: string): Promise<void> {
      await eachRegion(table, async (region, deadline) => {
        await ask(region, FLUSH, { region: specifierOf(region.name) }, deadline)
      })
    },

    /**
     * Merges store files and waits until that is done; `major` also drops what is deleted or
     * expired. Throws TABLE_NOT_FOUND, TABLE_DISABLED.
     */
    async compact(
      table: string,
      { major = false }: { readonly major?: boolean } = {},
    ): Promise<void> {
      await eachRegion(table, (region, deadline) => compactRegion(region, major, deadline))
    },
  }
}

class NotOpen extends Fault {
  readonly remedy = 'relocate'
  override readonly name = 'NotOpen'
}
