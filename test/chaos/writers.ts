import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection, ResultSetHeader } from 'mysql2/promise'
import { streamOf } from '../faults/random.ts'
import type { Plan } from './plan.ts'
import { transactionsOf } from './statements.ts'
import type { Transaction } from './statements.ts'

export interface WriterTally {
  statements: number
  /** Refused with a reason that an application lives with: a deadlock, a duplicate key. */
  refused: number
  /** Connections that broke. */
  broken: number
  /** Errors that no application should see. */
  readonly wrong: string[]
}

export interface Writing {
  readonly plan: Plan
  readonly connect: () => Promise<Connection>
  readonly tally: WriterTally
  readonly going: () => boolean
  /** MySQL 9.7: a cascade that meets a deadlock takes its transaction back, and is told as done. */
  readonly mayVanish: boolean
}

/** All writers of a plan, until they are told to stop; each ends the transaction it is in. */
export async function write(writing: Writing): Promise<void> {
  await Promise.all(writing.plan.writers.map((_, writer) => runWriter(writing, writer)))
}

/** Server errors by number: each ends its statement, some the transaction, none the application. */
const LIVED_WITH = new Set([
  1020, // MariaDB: the row has changed since the snapshot
  1062, // duplicate key
  1205, // lock wait timeout
  1213, // deadlock
  1451, // a row refers to it
  1452, // no such row to refer to
  1761, // the same, by way of a cascade: a duplicate key in the child
])
/** After these the transaction is taken back as a whole. */
const ENDS_TRANSACTION = new Set([1020, 1205, 1213])
const ENDS = new Set(['commit', 'rollback'])
const MOST_WRONG = 10
/** Of the status that comes with every answer: a transaction is open. */
const IN_TRANSACTION = 1

async function runWriter(writing: Writing, writer: number): Promise<void> {
  const { plan, going } = writing
  const rest = streamOf(plan.seed, `rests of writer ${writer}`)
  const { pauseMs } = plan.writers[writer] ?? { pauseMs: 0 }
  let connection: Connection | undefined
  for (const transaction of transactionsOf(plan, writer)) {
    if (!going()) break
    connection ??= await connected(writing, writer)
    if (connection === undefined) continue
    if (!(await play(connection, transaction, writing))) {
      connection.destroy()
      connection = undefined
    }
    await sleep(rest() * pauseMs)
  }
  await connection?.end().catch(() => undefined)
}

/** Undefined while the server cannot be reached. */
async function connected(
  { plan, connect, tally }: Writing,
  writer: number,
): Promise<Connection | undefined> {
  try {
    const connection = await connect()
    connection.on('error', () => undefined) // told to whoever asks next
    const isolation = plan.writers[writer]?.isolation ?? 'READ COMMITTED'
    await connection.query(
      `set session transaction isolation level ${isolation}; set innodb_lock_wait_timeout = 2, time_zone = '+00:00'`,
    )
    return connection
  } catch {
    tally.broken++
    await sleep(100)
    return undefined
  }
}

/** Whether the connection is still good. */
async function play(
  connection: Connection,
  { statements, single }: Transaction,
  { tally, mayVanish }: Writing,
): Promise<boolean> {
  const answers: string[] = []
  const watched = mayVanish && !single
  for (const statement of statements) {
    try {
      const [answer] = await connection.query<ResultSetHeader>(statement)
      tally.statements++
      answers.push('ok')
      if (!watched || !hasVanished(answer, statement)) continue
      tally.refused++
      return true
    } catch (error) {
      const { errno = 0 } = error as { errno?: number }
      if (isBroken(error)) {
        tally.broken++
        return false
      }
      count(tally, error, `${statement}, after ${told(statements, answers)}`)
      answers.push(String(errno))
      if (!ENDS_TRANSACTION.has(errno)) continue
      await connection.query('rollback').catch(() => undefined)
      return true
    }
  }
  return true
}

function count(tally: WriterTally, error: unknown, what: string): void {
  const { errno = 0, sqlState = '' } = error as { errno?: number; sqlState?: string }
  if (LIVED_WITH.has(errno)) tally.refused++
  else if (tally.wrong.length < MOST_WRONG)
    tally.wrong.push(`a writer was told ${errno} (${sqlState}): ${String(error)}: ${what}`)
}

/** Whether the server has taken the transaction back without a word. */
const hasVanished = ({ serverStatus }: ResultSetHeader, statement: string): boolean =>
  (serverStatus & IN_TRANSACTION) === 0 && !ENDS.has(statement)

/** What came before in the transaction, and its answers. */
const told = (statements: readonly string[], answers: readonly string[]): string =>
  answers.map((answer, i) => `${answer}: ${statements[i] ?? ''}`).join('; ')

/** The server is going, or somebody has killed the connection: nothing is wrong with the statement. */
function isBroken(error: unknown): boolean {
  const { errno = 0, code = '' } = error as { errno?: number; code?: string }
  return (
    [1053, 1077, 1079, 1080, 1317, 1927, 3169, 4031].includes(errno) ||
    /^(ECONN|EPIPE|ETIMEDOUT|PROTOCOL_)/.test(code) ||
    /closed state/.test(String(error))
  )
}
