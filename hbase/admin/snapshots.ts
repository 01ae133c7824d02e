import {
  SnapshotDone,
  SnapshotRequest,
  SnapshotStarted,
  Snapshots,
} from '../wire/snapshot-messages.ts'
import {
  canonicalTableName,
  checkCloneable,
  checkLinkable,
  checkSnapshotName,
} from '../table-name.ts'
import { changing, isRemote, starting } from './parts.ts'
import type { AdminParts } from './parts.ts'
import type { Deadline } from '../deadline.ts'
import { Empty } from '../wire/messages.ts'
import { StillRunning } from '../faults.ts'
import { HBaseError } from '../errors.ts'
import type { SnapshotValue } from '../wire/snapshot-messages.ts'

const TAKE = { name: 'Snapshot', request: SnapshotRequest, response: SnapshotStarted }
const IS_DONE = { name: 'IsSnapshotDone', request: SnapshotRequest, response: SnapshotDone }
const LIST = { name: 'GetCompletedSnapshots', request: Empty, response: Snapshots }
const DELETE = { name: 'DeleteSnapshot', request: SnapshotRequest, response: Empty }
/** Into a new table, or back into the disabled one it was taken of (SnapshotManager.restoreOrCloneSnapshot). */
const RESTORE = starting('RestoreSnapshot', SnapshotRequest)

/** SnapshotDescription.Type */
const TYPES = ['disabled', 'flush', 'skipflush'] as const
const FLUSH = 1
const SKIP_FLUSH = 2

const POLL_MS = 100

export interface Snapshot {
  readonly name: string
  /** Of which it was taken; it may be gone or another one by now. */
  readonly table: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** 'disabled' when its table was disabled, whatever was asked for (but not in 3.0.0-alpha-4). */
  readonly type: 'flush' | 'skipflush' | 'disabled'
  /** After so many seconds HBase deletes it; 0 keeps it for ever. */
  readonly ttlSeconds: number
  /** Empty unless the cluster checks who may do what. */
  readonly owner: string
}

export interface SnapshotOptions {
  /** Leave out what is only in memory, which is quicker. False by default. */
  readonly skipFlush?: boolean
  /** When HBase deletes it; the cluster's hbase.master.snapshot.ttl by default, which keeps it for ever. */
  readonly ttlSeconds?: number
}

/**
 * Snapshots of tables: lists of their files, so that taking, cloning and restoring copy no data. All
 * wait until HBase is done, and throw SNAPSHOT_FAILED with HBase's own class and words when it was
 * not, SNAPSHOT_NAME_INVALID before anything is sent.
 */
export function snapshotCalls(parts: AdminParts) {
  const { master, locator } = parts

  async function list(deadline: Deadline): Promise<readonly Snapshot[]> {
    const { snapshots } = await master.ask(LIST, {}, deadline)
    return snapshots.map(decode).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async function find(name: string, deadline: Deadline): Promise<Snapshot> {
    const found = (await list(deadline)).find((one) => one.name === name)
    if (found === undefined) throw new HBaseError('SNAPSHOT_NOT_FOUND', { detail: name })
    return found
  }

  /** Through the master's procedure, or by asking where region servers agree among themselves. */
  async function take(snapshot: SnapshotValue, deadline: Deadline): Promise<void> {
    const { procId } = await master.ask(TAKE, { snapshot, ...master.nonce() }, deadline)
    if (procId !== undefined) {
      await master.finish(procId, TAKE.name, deadline)
      return
    }
    while ((await master.ask(IS_DONE, { snapshot }, deadline)).done !== true)
      await deadline.pause(POLL_MS, new StillRunning('the snapshot is still being taken'))
  }

  return {
    /**
     * Takes a snapshot of a table, enabled or disabled, as its regions are one after the other: rows
     * written meanwhile may be in it or not. Throws TABLE_NOT_FOUND, SNAPSHOT_EXISTS, and
     * OUTCOME_UNKNOWN when an answer was lost and HBase (before 2.6, which has no nonce here) may
     * have taken it: list them.
     */
    async takeSnapshot(
      name: string,
      table: string,
      { skipFlush = false, ttlSeconds }: SnapshotOptions = {},
    ): Promise<void> {
      checkSnapshotName(name)
      checkTtl(ttlSeconds)
      const whole = canonicalTableName(table)
      // HBase refuses it too, with a class that says nothing (ClientSnapshotDescriptionUtils).
      if (whole.startsWith('hbase:')) {
        throw new HBaseError('SNAPSHOT_FAILED', { table, detail: "one of HBase's own tables" })
      }
      checkLinkable(whole)
      const type = skipFlush ? SKIP_FLUSH : FLUSH
      const deadline = parts.deadline(whole)
      try {
        await take({ name, table: whole, type, ttl: ttlSeconds }, deadline)
      } catch (error) {
        if (!isRemote(error, 'SnapshotExistsException', 'SnapshotCreationException')) throw error
        // What has told the repeated request that it exists may be the first one.
        if ((error.attempts ?? 1) > 1) {
          throw new HBaseError('OUTCOME_UNKNOWN', { table, detail: TAKE.name, cause: error })
        }
        if (error.code === 'SNAPSHOT_FAILED') await locator.checkExists(whole, deadline)
        throw error
      }
    },

    /** Those that are complete, by name. */
    async listSnapshots(): Promise<readonly Snapshot[]> {
      return list(parts.deadline())
    },

    /** Tables that were cloned or restored from it keep their rows. Throws SNAPSHOT_NOT_FOUND. */
    async deleteSnapshot(name: string): Promise<void> {
      checkSnapshotName(name)
      await master.ask(DELETE, { snapshot: { name } }, parts.deadline()).catch((error: unknown) => {
        // When the answer was lost, the repeated request finds it gone.
        if (isRemote(error, 'SnapshotDoesNotExistException') && (error.attempts ?? 1) > 1) return
        throw error
      })
    },

    /**
     * Makes a new table with the schema, regions and rows of a snapshot, enabled. Throws
     * SNAPSHOT_NOT_FOUND, TABLE_EXISTS, NAMESPACE_NOT_FOUND.
     */
    async cloneSnapshot(name: string, table: string): Promise<void> {
      checkSnapshotName(name)
      const whole = canonicalTableName(table)
      checkCloneable(whole)
      const question = { snapshot: { name, table: whole }, ...master.nonce() }
      await changing(parts, table, async (deadline) => {
        checkLinkable((await find(name, deadline)).table)
        // Asked to clone into a table that exists, HBase restores the one the snapshot was taken of.
        if ((await locator.state(whole, deadline)) !== undefined)
          throw new HBaseError('TABLE_EXISTS', { table })
        await master.run(RESTORE, question, deadline)
      })
    },

    /**
     * Makes its table what it was when the snapshot was taken: schema, regions and rows; it must be
     * disabled, and stays so. What it holds now is lost: take a snapshot of it first. Throws
     * SNAPSHOT_NOT_FOUND, TABLE_ENABLED, and TABLE_NOT_FOUND when it was deleted (clone it instead).
     */
    async restoreSnapshot(name: string): Promise<void> {
      checkSnapshotName(name)
      const { table } = await find(name, parts.deadline())
      checkLinkable(table)
      const question = { snapshot: { name, table }, ...master.nonce() }
      await changing(parts, table, async (deadline) => {
        const state = await locator.state(table, deadline)
        if (state === undefined) throw new HBaseError('TABLE_NOT_FOUND', { table })
        // HBase looks only whether it is enabled, not whether it is about to be.
        if (state !== 'disabled') throw new HBaseError('TABLE_ENABLED', { table })
        await master.run(RESTORE, question, deadline)
      })
    },
  }
}

/** HBase takes what is out of range for "for ever" (SnapshotDescriptionUtils.validate). */
function checkTtl(seconds: number | undefined): void {
  if (seconds === undefined || (Number.isSafeInteger(seconds) && seconds > 0)) return
  throw new HBaseError('CONFIGURATION', { detail: 'ttlSeconds must be a whole number above 0' })
}

const decode = ({ name, table, creationTime, type, ttl, owner }: SnapshotValue): Snapshot => ({
  name: name ?? '',
  table: canonicalTableName(table ?? ''),
  createdAt: creationTime ?? 0,
  type: TYPES[type ?? FLUSH] ?? 'flush',
  ttlSeconds: ttl ?? 0,
  owner: owner ?? '',
})
