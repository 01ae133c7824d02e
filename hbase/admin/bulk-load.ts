import {
  BulkLoadRequest,
  BulkLoadResponse,
  CleanupBulkLoadRequest,
  PrepareBulkLoadRequest,
  PrepareBulkLoadResponse,
} from '../wire/bulk-load-messages.ts'
import { ConnectionFault, RemoteFault, SlowCall, isElsewhere } from '../faults.ts'
import { canonicalTableName, parseTableName } from '../table-name.ts'
import { checkFiles, checkToken } from './bulk-load-check.ts'
import { encodedNameOf, placeOf, specifierOf } from '../region.ts'
import type { AdminParts } from './parts.ts'
import type { BulkLoadFile } from './bulk-load-check.ts'
import type { Deadline } from '../deadline.ts'
import { Empty } from '../wire/messages.ts'
import type { Fault } from '../faults.ts'
import { HBaseError } from '../errors.ts'
import type { Region } from '../region.ts'
import type { TableRegion } from './region-list.ts'
import { callRow } from '../row-call.ts'
import { decodeReply } from '../call.ts'
import { persist } from '../persist.ts'
import { tableCalls } from './tables.ts'

const PREPARE = {
  name: 'PrepareBulkLoad',
  request: PrepareBulkLoadRequest,
  response: PrepareBulkLoadResponse,
}
const LOAD = { name: 'BulkLoadHFile', request: BulkLoadRequest, response: BulkLoadResponse }
const CLEANUP = { name: 'CleanupBulkLoad', request: CleanupBulkLoadRequest, response: Empty }

/** Any region does; HBase's own client asks the first one (SecureBulkLoadClient). */
const FIRST_ROW = Buffer.alloc(0)

export interface BulkLoadOptions {
  /**
   * From `prepareBulkLoad`: the files go by its folder, and back to where they were when the load
   * fails; HBase 3.0 loads nothing without. Without it the region server takes them as itself, which
   * is the only way on HDFS with Kerberos: a token of HDFS is not sent.
   */
  readonly token?: string
  /** Copy the files instead of moving them; across file systems they are copied anyway. False by default. */
  readonly copyFiles?: boolean
  /**
   * Of two cells alike the one that came later counts, loaded or written; costs a flush. Without it
   * either may. True by default, and always with a token.
   */
  readonly assignSeqNum?: boolean
}

/** Loading files of rows straight into regions, as BulkLoadHFilesTool does once it has grouped them. */
export function bulkLoadCalls(parts: AdminParts) {
  const { pool, locator } = parts

  /** The region itself, or REGION_NOT_FOUND: never the one that holds its rows now. */
  async function locate(
    { table, start, encodedName }: BulkLoadRegion,
    deadline: Deadline,
  ): Promise<Region> {
    const isIt = ({ name }: Region) => encodedNameOf(name) === encodedName
    const known = locator.known(table, start)
    if (known !== undefined && !isIt(known)) locator.forget(known)
    const region = await locator.locate(table, start, deadline)
    if (!isIt(region)) throw new HBaseError('REGION_NOT_FOUND', { table, region: encodedName })
    return region
  }

  return {
    /**
     * Makes a folder in which a load gathers its files; returns its path, the token of the load. To
     * be given back with `cleanupBulkLoad`. Throws TABLE_NOT_FOUND, TABLE_DISABLED.
     */
    async prepareBulkLoad(table: string): Promise<string> {
      const name = canonicalTableName(table)
      const tableName = parseTableName(name)
      const question = (region: Region) => ({ tableName, region: specifierOf(region.name) })
      const call = { table: name, row: FIRST_ROW, method: PREPARE, repeatable: true, question }
      const { token = '' } = await callRow(parts, call, parts.deadline(name), (reply) =>
        decodeReply(PREPARE, reply),
      )
      checkToken(token, table)
      return token
    },

    /**
     * Loads files into one region, all or none; each must lie inside it. Sent to this very region,
     * also when it moves; REGION_NOT_FOUND when it was split or merged: list the regions and group
     * the files anew. Other errors: BULK_LOAD_INVALID (nothing was sent), NO_SUCH_FAMILY,
     * BULK_LOAD_REFUSED (HBase's loaded=false: nothing was loaded; its log says why),
     * OUTCOME_UNKNOWN when the answer was lost: look whether the files are still there. A copy of
     * many bytes needs a `callTimeoutMs` that is long enough (`adminWith`).
     */
    async bulkLoad(
      region: BulkLoadRegion,
      files: readonly BulkLoadFile[],
      { token, copyFiles = false, assignSeqNum = true }: BulkLoadOptions = {},
    ): Promise<void> {
      const table = canonicalTableName(region.table)
      checkFiles(files, table)
      if (token !== undefined) checkToken(token, table)
      const deadline = parts.deadline(table)
      await checkFamilies(tableCalls(parts), table, files)
      const familyPaths = files.map(({ family, path }) => ({ family: Buffer.from(family), path }))
      const options = { token, copyFiles, assignSeqNum }
      let place: Region | undefined
      const attempt = async () => {
        place = await locate({ ...region, table }, deadline)
        const question = { region: specifierOf(place.name), files: familyPaths, ...options }
        const at = { server: place.server, service: 'ClientService' } as const
        const { loaded } = await pool.ask(at, LOAD, question, deadline)
        if (loaded !== true) throw new HBaseError('BULK_LOAD_REFUSED', { table, ...placeOf(place) })
      }
      await persist(deadline, attempt, {
        onFault: async (fault, tries) => {
          if (place === undefined) return
          checkUntouched(fault, place)
          locator.learn(fault, place)
          if (isElsewhere(fault)) await locator.checkNowAndThen(tries, table, deadline)
        },
      })
    },

    /** Deletes the folder of a load, with whatever is in it. Safe to repeat. Throws BULK_LOAD_INVALID. */
    async cleanupBulkLoad(table: string, token: string): Promise<void> {
      checkToken(token, table)
      const name = canonicalTableName(table)
      const question = (region: Region) => ({ token, region: specifierOf(region.name) })
      const call = { table: name, row: FIRST_ROW, method: CLEANUP, repeatable: true, question }
      await callRow(parts, call, parts.deadline(name), () => undefined)
    },
  }
}

/** As `admin.regions` lists it. */
export type BulkLoadRegion = Pick<TableRegion, 'table' | 'encodedName' | 'start'>

/**
 * Throws unless HBase has told that it has not begun: the files may have been taken, and a second
 * load of copies would put the same rows in twice.
 */
function checkUntouched(fault: Fault, region: Region): void {
  const { table } = region
  if (fault instanceof ConnectionFault || fault instanceof SlowCall) {
    const detail = fault.message
    throw new HBaseError('OUTCOME_UNKNOWN', { table, ...placeOf(region), detail, cause: fault })
  }
  // What it says of the files may quote rows (WrongRegionException).
  if (fault instanceof RemoteFault && UNTOLD.includes(fault.remedy))
    throw fault.toError({ table, ...placeOf(region) })
}

const UNTOLD: readonly Fault['remedy'][] = ['probe', 'misplaced']

/** With a token HBase says no more than loaded=false of a family that is missing. */
async function checkFamilies(
  { describe }: Pick<ReturnType<typeof tableCalls>, 'describe'>,
  table: string,
  files: readonly BulkLoadFile[],
): Promise<void> {
  const described = await describe(table)
  if (described === null) throw new HBaseError('TABLE_NOT_FOUND', { table })
  const families = described.families.map(({ name }) => name)
  const missing = files.find(({ family }) => !families.includes(family))
  if (missing !== undefined)
    throw new HBaseError('NO_SUCH_FAMILY', { table, detail: missing.family })
}
