import { setTimeout as sleep } from 'node:timers/promises'
import { SyncError } from '../../model/errors.ts'
import type { Client, Session } from './client.ts'
import { isLockTimeout } from './errors.ts'
import { literal, qualified } from './names.ts'

/** How long we keep asking for a table whose transactions do not end. */
const PATIENCE_SECONDS = 30

/**
 * Repeats a statement that waits for the open transactions of a table. It asks for two seconds at a time,
 * because while it waits every new writer of the table waits behind it; in between they pass.
 */
export async function untilUnlocked<Result>(
  table: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const deadline = Date.now() + PATIENCE_SECONDS * 1000
  for (let pause = 250; ; pause = Math.min(pause * 2, 4_000)) {
    try {
      return await work()
    } catch (error) {
      if (!isLockTimeout(error)) throw error
      if (Date.now() + pause > deadline)
        throw new SyncError(
          'LOCK_TIMEOUT',
          `${table}: a transaction has held it for ${PATIENCE_SECONDS} s. Find it in SHOW PROCESSLIST and let it end`,
        )
      await sleep(pause)
    }
  }
}

/** Waits until no open transaction holds writes on the tables. */
export const barrier = (client: Client, tables: readonly string[]): Promise<void> =>
  client.dedicated(async (session) => {
    await session.run('SET lock_wait_timeout = 2')
    for (const table of tables) {
      await untilUnlocked(table, () => session.run(`LOCK TABLES ${qualified(table)} READ`, table))
      await session.run('UNLOCK TABLES')
    }
  })

/** Keeps two projects from creating or dropping the shared objects at once; ends with the connection. */
export async function holdInstallLock(session: Session, schema: string): Promise<void> {
  const [row] = await session.select(
    `SELECT GET_LOCK(${literal(`longhaul.${schema}`.slice(0, 64))}, 30)`,
  )
  if (row?.[0] !== '1')
    throw new SyncError('LOCK_TIMEOUT', `${schema}: another project is being installed or released`)
}
