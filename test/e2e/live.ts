import type { Connection } from 'mysql2/promise'
import { setTimeout as sleep } from 'node:timers/promises'
import { defaultPayloadConverter } from '@temporalio/common'
import type { Sandbox } from './sandbox.ts'

/** Waits until nothing is left in the log table, as the database itself tells. */
export async function drained(sandbox: Sandbox, seconds = 60): Promise<void> {
  await eventually(
    async () => ((await logged(sandbox)) === 0 ? true : undefined),
    'the log ran empty',
    seconds,
  )
}

/** Rows of the log table. */
export async function logged(sandbox: Sandbox): Promise<number> {
  const [rows] = await sandbox.admin.query(
    `select count(*) as count from \`${sandbox.schema}\`.longhaul_log`,
  )
  return Number((rows as { count: number }[])[0]?.count)
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

/** An activity that is under way, as Temporal tells. */
export interface Pending {
  readonly activity: string
  readonly attempt: number
  readonly started: boolean
  /** The position its last heartbeat told. */
  readonly beat: { readonly rows?: number; readonly at?: string | null } | null
}

export async function pending(sandbox: Sandbox, workflowId: string): Promise<Pending[]> {
  const { raw } = await sandbox.client.workflow.getHandle(workflowId).describe()
  return (raw.pendingActivities ?? []).map((one) => {
    const [payload] = one.heartbeatDetails?.payloads ?? []
    return {
      activity: one.activityType?.name ?? '',
      attempt: one.attempt ?? 0,
      started: one.state === 2,
      beat: payload ? defaultPayloadConverter.fromPayload(payload) : null,
    }
  })
}

/** An application that does not stop writing: inserts, updates, deletes and key changes on one table. */
export interface Writer {
  readonly statements: () => number
  /** Ends it; throws what the application was told, if a statement failed. */
  stop(): Promise<void>
}

/** The table has `id int primary key, v varchar, n int`. */
export function startWriter(database: Connection, table: string, pauseMs = 5): Writer {
  let going = true
  let count = 0
  const some = (): number => Math.floor(Math.random() * 3000)
  const statements = [
    () => `insert into ${table} values (${10_000 + count}, 'new ${count}', null)`,
    () => `update ${table} set v = 'changed ${count}', n = ${count} where id = ${some()}`,
    () => `update ${table} set v = null where id between ${count % 3000} and ${(count % 3000) + 2}`,
    () => `delete from ${table} where id = ${some()}`,
    () => `update ignore ${table} set id = id + 100000 where id = ${some()}`,
    () => `insert ignore into ${table} values (${some()}, 'again ${count}', ${count})`,
  ]
  const run = async (): Promise<void> => {
    while (going) {
      const statement = statements[count % statements.length] as () => string
      await database.query(statement())
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
