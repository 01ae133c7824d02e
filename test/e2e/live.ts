import type { Connection } from 'mysql2/promise'
import { setTimeout as sleep } from 'node:timers/promises'
import { look } from '../../cli/look.ts'
import { applyId } from '../../workflows/messages.ts'
import { pendingOf, type Pending } from './pending.ts'
import type { Sandbox } from './sandbox.ts'

/** Waits until nothing is left in the log table, as the database itself tells. */
export async function drained(sandbox: Sandbox, project = 'shop'): Promise<void> {
  const empty = async (): Promise<true | undefined> =>
    (await logged(sandbox)) === 0 ? true : undefined
  await eventually(empty, 'the log ran empty', 90).catch(async (error: unknown) => {
    const apply = await pending(sandbox, `project/${project}/apply`)
    throw new Error(`${String(error)}; ${await logged(sandbox)} rows; ${JSON.stringify(apply)}`)
  })
}

/** Waits until what was told to pause applies nothing any more. */
export async function stoodStill(sandbox: Sandbox): Promise<void> {
  const still = async (): Promise<true | undefined> =>
    (await pending(sandbox, applyId('shop'))).length === 0 ? true : undefined
  await eventually(still, 'nothing is applied any more')
}

/** Rows of the log table. */
export async function logged(sandbox: Sandbox): Promise<number> {
  const [rows] = await sandbox.admin.query(
    `select count(*) as count from \`${sandbox.schema}\`.longhaul_log`,
  )
  return Number((rows as { count: number }[])[0]?.count)
}

/** Rows of the load of `goods` so far, those in hand among them. */
export async function rowsOf(sandbox: Sandbox): Promise<number> {
  const { busy, status } = await look(sandbox.client, 'shop')
  return busy['goods']?.rows ?? status.tables['goods']?.rows ?? 0
}

/** Asks until there is an answer. */
export async function eventually<T>(
  ask: () => Promise<T | undefined>,
  what: string,
  seconds = 60,
): Promise<T> {
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await sleep(100)
  }
  throw new Error(`Not within ${seconds} s: ${what}`)
}

/** A table of goods with the ids 1 to `rows`: `id int primary key, v varchar(50), n int`. */
export async function fill(sandbox: Sandbox, table: string, rows: number): Promise<void> {
  await sandbox.admin.query(
    `create table ${table} (id int primary key, v varchar(50), n int);
     insert into ${table} values (1, 'v1', 1)`,
  )
  for (let have = 1; have < rows; have *= 2)
    await sandbox.admin.query(
      `insert into ${table} select id + ${have}, concat('v', id + ${have}), if(id % 3, id, null)
         from ${table} where id + ${have} <= ${rows}`,
    )
}

export const pending = (sandbox: Sandbox, workflowId: string): Promise<Pending[]> =>
  pendingOf(sandbox.client, workflowId)

/** An application that does not stop writing: inserts, updates, deletes and key changes on one table. */
export interface Writer {
  readonly statements: () => number
  /** Ends it; throws what the application was told, if a statement failed. */
  stop(): Promise<void>
}

/** Several writers on one table may meet; the application would try again. */
const unlessDeadlock = (error: unknown): void => {
  if ((error as { errno?: number }).errno !== 1213) throw error
}

const STATEMENTS = 7
/** New rows of one writer that stay: the table does not grow without end. */
const KEPT = 100

/** On a table of `fill`, by an own connection; its new rows are numbered from `first` on. */
export function startWriter(
  database: Connection,
  table: string,
  rows: number,
  { first = 1_000_000, pauseMs = 5 } = {},
): Writer {
  let going = true
  let count = 0
  const some = (): number => Math.floor(Math.random() * rows)
  const statements = [
    () => `insert into ${table} values (${first + count}, 'new ${count}', null)`,
    () => `update ${table} set v = 'changed ${count}', n = ${count} where id = ${some()}`,
    () => `update ${table} set v = null where id between ${count % rows} and ${(count % rows) + 2}`,
    () => `delete from ${table} where id = ${some()}`,
    () => `update ignore ${table} set id = id + 20000000 where id = ${some()}`,
    () => `insert ignore into ${table} values (${some()}, 'again ${count}', ${count})`,
    () => `delete from ${table} where id = ${first + count - 6 - KEPT * STATEMENTS}`,
  ]
  const run = async (): Promise<void> => {
    while (going) {
      const statement = statements[count % statements.length] as () => string
      await database.query(statement()).catch(unlessDeadlock)
      count++
      await sleep(pauseMs)
    }
  }
  const running = run()
  running.catch(() => undefined) // told when it is stopped
  return {
    statements: () => count,
    async stop() {
      going = false
      await running
    },
  }
}
