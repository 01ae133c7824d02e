import { createConnection, type Connection } from 'mysql2/promise'
import { expect, inject } from 'vitest'
import { keyOfRow } from '../../../model/key.ts'
import type { TableSchema } from '../../../model/table.ts'
import type { KeyText, Row } from '../../../model/value.ts'
import { mysql } from '../../../sources/mysql/index.ts'
import type { Capture, Source } from '../../../sources/source.ts'

export const SERVERS = ['mysql', 'mariadb'] as const
export type ServerName = (typeof SERVERS)[number]

export type LogName = 'append' | 'dedupe'

/** Every server with every way to keep the log. */
export const LOGS: readonly (readonly [ServerName, LogName])[] = SERVERS.flatMap((server) => [
  [server, 'append'] as const,
  [server, 'dedupe'] as const,
])

/** A database, a log schema and accounts of one test file, on one of the two servers. */
export interface Bench {
  readonly name: ServerName
  readonly database: string
  readonly schema: string
  readonly address: string
  /** The administrator, in the database. */
  readonly admin: Connection
  readonly source: Source
  /** Runs statements as the administrator. */
  run(...statements: string[]): Promise<void>
  /** Rows of a query, as texts. */
  ask(sql: string): Promise<(string | null)[][]>
  /** Another connection of the administrator, such as an application's. */
  connect(): Promise<Connection>
  /** The source again, with other options. */
  open(options?: Readonly<Record<string, unknown>>): Promise<Source>
  close(): Promise<void>
}

let benches = 0

export async function openBench(name: ServerName, log: LogName = 'append'): Promise<Bench> {
  const { host, port, user, password } = inject(name)
  const id = `${process.pid}_${(benches += 1)}`
  const database = `app_${id}`
  const schema = `longhaul_${id}`
  const address = `${host}:${port}`
  const opened: { end(): Promise<void> }[] = []

  const login = { host, port, user, password, charset: 'utf8mb4', multipleStatements: true }
  const admin = await createConnection(login)
  await admin.query(`DROP DATABASE IF EXISTS ${schema}`)
  await admin.query(`DROP DATABASE IF EXISTS ${database}`)
  await admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`)
  await admin.query(`USE ${database}`)

  const open = async (options: Readonly<Record<string, unknown>> = {}): Promise<Source> => {
    const source = await mysql.open(
      mysql.options.parse({ address, user, password, schema, log, ...options }),
    )
    opened.push({ end: () => source.close() })
    return source
  }
  const source = await open()
  return {
    name,
    database,
    schema,
    address,
    admin,
    source,
    open,
    async run(...statements) {
      for (const statement of statements) await admin.query(statement)
    },
    async ask(sql) {
      const [rows] = await admin.query({ sql, rowsAsArray: true, typeCast: false } as never)
      return (rows as (Buffer | null)[][]).map((row) =>
        row.map((value) => value?.toString() ?? null),
      )
    },
    async connect() {
      const connection = await createConnection({ ...login, database })
      opened.push(connection)
      return connection
    },
    async close() {
      for (const one of opened) await one.end().catch(() => undefined)
      await admin.query(`DROP DATABASE IF EXISTS ${database}`)
      await admin.query(`DROP DATABASE IF EXISTS ${schema}`)
      await admin.end()
    },
  }
}

/** `['U', '1', 'a b']`: kind, key and columns of what the log holds. */
export async function logged(capture: Capture): Promise<string[]> {
  const changes = await capture.read(100_000)
  return changes.map(({ kind, key, columns }) => {
    const mask = columns === null ? '' : ` (${[...columns].join(' ')})`
    return `${kind} ${key}${mask}`
  })
}

/**
 * Expects the log to hold these changes, and these once they are folded: in append mode by the compactor, in
 * dedupe mode from the beginning.
 */
export async function expectLog(
  log: LogName,
  capture: Capture,
  appended: readonly string[],
  folded: readonly string[] = appended,
): Promise<void> {
  if (log === 'append') {
    expect(await logged(capture)).toEqual(appended)
    await capture.compact(await capture.token('test'), 100)
  }
  expect((await logged(capture)).sort()).toEqual([...folded].sort())
}

/** What is damaged, by name. */
export const damaged = async (capture: Capture): Promise<string[]> =>
  (await capture.damage()).map(({ what }) => what)

export async function clearLog(capture: Capture): Promise<void> {
  for (;;) {
    const token = await capture.token('test')
    const changes = await capture.read(10_000)
    if (changes.length === 0) return
    await capture.acknowledge(token, changes)
  }
}

export const shown = (row: Row | undefined): string | undefined =>
  row?.map((value) => (value === null ? 'NULL' : Buffer.from(value).toString())).join(',')

/** A target that keeps rows by key, filled by the protocol the appliers use. */
export class Replica {
  readonly rows = new Map<KeyText, string>()
  readonly #source: Source
  readonly #capture: Capture
  readonly #table: TableSchema

  constructor(source: Source, capture: Capture, table: TableSchema) {
    this.#source = source
    this.#capture = capture
    this.#table = table
  }

  /** Token, log, rows, write, acknowledge, until the log is empty. */
  async drain(): Promise<void> {
    for (;;) {
      const token = await this.#capture.token('replica')
      const changes = await this.#capture.read(1_000)
      if (changes.length === 0) return
      const keys = [...new Set(changes.map(({ key }) => key))]
      const found = await this.#source.rows.matching(this.#table, keys)
      for (const key of keys) {
        const row = found.get(key)
        if (row === undefined) this.rows.delete(key)
        else this.rows.set(key, shown(row) ?? '')
      }
      await this.#capture.acknowledge(token, changes)
    }
  }

  /** What the source has now. */
  async expected(): Promise<Map<KeyText, string>> {
    const rows = new Map<KeyText, string>()
    const key = keyOfRow(this.#table)
    for await (const page of this.#source.rows.range(this.#table, null, null))
      for (const row of page) rows.set(key(row), shown(row) ?? '')
    return rows
  }
}
