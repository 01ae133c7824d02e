import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection, ResultSetHeader } from 'mysql2/promise'
import { connect, DATABASE, type Login } from './database.ts'
import { seeded, type Random } from './random.ts'
import { known, transaction, type Known, type Statement } from './writes.ts'

export interface Writer {
  /** Rows changed by committed transactions so far. */
  readonly changes: () => number
  /** Resolves when its last transaction is committed. Safe to repeat. */
  stop(): Promise<void>
  /** Rejects when it cannot go on. */
  readonly failed: Promise<never>
}

const PER_SECOND = 300
const SEED = 20_090_101
/** One transaction in so many is rolled back. */
const ROLLED_BACK = 20
const TRIES = 10

/** The application: it goes on writing, in transactions, while its tables are migrated. */
export async function startWriter(login: Login, rows: number): Promise<Writer> {
  const connection = await connect(login)
  await connection.query(`USE ${DATABASE}`)
  const progress = { changes: 0, stopping: false }
  const running = write(connection, known(rows), progress)
  const ended = running.finally(() => connection.destroy())
  ended.catch(() => undefined)
  return {
    changes: () => progress.changes,
    async stop() {
      progress.stopping = true
      await ended
    },
    failed: new Promise((_, reject) => {
      ended.catch((error: unknown) =>
        reject(new Error(`The writing application failed: ${String(error)}`, { cause: error })),
      )
    }),
  }
}

async function write(
  connection: Connection,
  state: Known,
  progress: { changes: number; readonly stopping: boolean },
): Promise<void> {
  const random = seeded(SEED)
  const began = performance.now()
  while (!progress.stopping) {
    progress.changes += await commit(connection, transaction(random, state), random)
    const ahead = (progress.changes / PER_SECOND) * 1000 - (performance.now() - began)
    await sleep(Math.min(100, Math.max(1, ahead)))
  }
}

/** Returns the rows it changed. What loses a deadlock is done again, as any application would. */
async function commit(
  connection: Connection,
  statements: readonly Statement[],
  random: Random,
): Promise<number> {
  const rollBack = random() < 1 / ROLLED_BACK
  for (let tried = 1; ; tried++) {
    try {
      await connection.beginTransaction()
      let changes = 0
      for (const { sql, values } of statements) {
        const [result] = await connection.query<ResultSetHeader>(sql, [...values])
        changes += result.affectedRows
      }
      await (rollBack ? connection.rollback() : connection.commit())
      return rollBack ? 0 : changes
    } catch (error) {
      const { code } = error as { readonly code?: string }
      if (tried === TRIES || (code !== 'ER_LOCK_DEADLOCK' && code !== 'ER_LOCK_WAIT_TIMEOUT'))
        throw error
      await connection.rollback()
    }
  }
}
