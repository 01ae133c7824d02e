import type { Connection, ConnectionOptions, Pool, ResultSetHeader } from 'mysql2/promise'
import { SyncError } from '../../model/errors.ts'
import type { RowPage } from '../../model/page.ts'
import { sourceError } from './errors.ts'
import type { MysqlOptions } from './options.ts'
import { readTextRows } from './text-rows.ts'

/** A row as the server printed it. */
type Printed = readonly (Buffer | null)[]

/** A row of the catalog or of our own tables. */
export type Texts = readonly (string | null)[]

export type NamedTexts = Readonly<Record<string, string | null>>

export interface Outcome {
  readonly affected: number
  /** What LAST_INSERT_ID was set to. */
  readonly id: number
}

/** One connection, lent for a while. `about` names what an error is about. */
export interface Session {
  /** Adds the rows to the page, as the server printed them; it has as many columns as the query. */
  readonly read: (sql: string, page: RowPage, about?: string) => Promise<void>
  readonly select: (sql: string, about?: string) => Promise<readonly Texts[]>
  /** Rows whose columns have other places from version to version, by the names of their columns. */
  readonly named: (sql: string, about?: string) => Promise<readonly NamedTexts[]>
  readonly run: (sql: string, about?: string) => Promise<Outcome>
}

/** A pool of connections that all read exact texts, at READ COMMITTED, in UTC. As a session it takes any free one. */
export interface Client extends Session {
  readonly mariadb: boolean
  /** `MySQL 9.7.4`. */
  readonly server: string
  readonly options: MysqlOptions
  /** Everything or nothing, on one connection. */
  transaction<Result>(work: (session: Session) => Promise<Result>): Promise<Result>
  /** A connection of its own that ends with the work, and its locks and settings with it. */
  dedicated<Result>(work: (session: Session) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** Opens the pool; proves login and version. */
export async function openClient(options: MysqlOptions): Promise<Client> {
  // Loaded here, so that the driver costs nothing where no MySQL source is opened
  const { createConnection, createPool } = await import('mysql2/promise')
  const settings = connectionOptions(options)
  const pool = createPool({
    ...settings,
    connectionLimit: options.connections,
    maxIdle: 1,
    idleTimeout: 20_000,
  })
  const lend = lender(pool, options.address)
  try {
    const [row] = await lend(({ select }) => select('SELECT VERSION(), @@version_comment'))
    const version = supportedVersion(row?.[0] ?? '')
    const { mariadb, server } = version
    if (options.log === 'dedupe') expectSkipLocked(server)
    return {
      mariadb,
      server,
      options,
      read: (sql, page, about) => lend(({ read }) => read(sql, page, about)),
      select: (sql, about) => lend(({ select }) => select(sql, about)),
      named: (sql, about) => lend(({ named }) => named(sql, about)),
      run: (sql, about) => lend(({ run }) => run(sql, about)),
      transaction: (work) => lend((session) => inTransaction(session, work)),
      async dedicated(work) {
        const connection = await createConnection(settings).catch((error: unknown) => {
          throw sourceError(error, options.address)
        })
        // Without a listener a broken connection would end the process
        connection.on('error', () => undefined)
        try {
          const session = sessionOn(connection, options.address)
          await prepare(session, mariadb)
          return await work(session)
        } finally {
          connection.destroy()
        }
      },
      async close() {
        await pool.end().catch(() => undefined)
      },
    }
  } catch (error) {
    await pool.end().catch(() => undefined)
    throw error
  }
}

const connectionOptions = (options: MysqlOptions): ConnectionOptions => {
  const colon = options.address.lastIndexOf(':')
  return {
    host: options.address.slice(0, colon),
    port: Number(options.address.slice(colon + 1)),
    user: options.user,
    password: options.password,
    charset: 'utf8mb4',
    connectTimeout: 10_000,
    ...(options.ssl === undefined || options.ssl === false
      ? {}
      : { ssl: options.ssl === true ? {} : { ...options.ssl } }),
  }
}

/** MySQL 8.0 and MariaDB 10.5 are the oldest whose triggers and catalogs were tried. */
export function supportedVersion(text: string): { mariadb: boolean; server: string } {
  const mariadb = /mariadb/i.test(text)
  // A MariaDB behind an old handshake calls itself 5.5.5-10.6.1-MariaDB
  const [number = ''] = /\d+(\.\d+)+/.exec(text.replace(/^5\.5\.5-/, '')) ?? []
  const [major = 0, minor = 0] = number.split('.').map(Number)
  const server = `${mariadb ? 'MariaDB' : 'MySQL'} ${number}`
  const enough = mariadb ? major > 10 || (major === 10 && minor >= 5) : major >= 8
  if (!enough)
    throw new SyncError('SOURCE_VERSION', `${server}. MySQL 8.0, MariaDB 10.5 and later are`)
  return { mariadb, server }
}

/** `log: dedupe` passes over rows that are locked; MariaDB can from 10.6 on, every MySQL from 8.0. */
export function expectSkipLocked(server: string): void {
  if (/^MariaDB 10\.5\./.test(server))
    throw new SyncError(
      'SOURCE_VERSION',
      `${server} has no SKIP LOCKED, which log: dedupe needs; MariaDB 10.6 has. Say log: append`,
    )
}

const SETTINGS = [
  'NAMES utf8mb4',
  "time_zone = '+00:00'",
  // Old rows may hold dates the default mode would not even compare
  "sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES'",
  'autocommit = 1',
  // A worker that froze inside a transaction must not hold the lease for hours
  'wait_timeout = 60',
  'innodb_lock_wait_timeout = 10',
]

async function prepare(session: Session, mariadb: boolean): Promise<void> {
  await session.run('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
  const own = mariadb
    ? // From 1000 on an IN list would become a join that does not use the key
      'in_predicate_conversion_threshold = 0'
    : // Row counts of the catalog would be a day old
      'information_schema_stats_expiry = 0'
  await session.run(`SET ${[...SETTINGS, own].join(', ')}`)
}

type Lend = <Result>(work: (session: Session) => Promise<Result>) => Promise<Result>

function lender(pool: Pool, about: string): Lend {
  const prepared = new WeakSet()
  return async (work) => {
    const lent = await pool.getConnection().catch((error: unknown) => {
      throw sourceError(error, about)
    })
    const raw = lent.connection
    const session = sessionOn(lent, about)
    let broken = true
    try {
      if (!prepared.has(raw)) {
        const [version] = await session.select('SELECT VERSION()')
        await prepare(session, /mariadb/i.test(version?.[0] ?? ''))
        prepared.add(raw)
      }
      const result = await work(session)
      broken = false
      return result
    } catch (error) {
      broken = error instanceof SyncError && error.code === 'SOURCE_UNREACHABLE'
      throw error
    } finally {
      if (broken) lent.destroy()
      else lent.release()
    }
  }
}

/** The driver's promises are wrapped around this. */
interface Promised {
  readonly connection: Parameters<typeof readTextRows>[0]
}

function sessionOn(connection: Connection, server: string): Session {
  const query = async (sql: string, about: string | undefined) => {
    try {
      // Without a type cast every value comes as the bytes the server printed
      return await connection.query({ sql, rowsAsArray: true, typeCast: false } as never)
    } catch (error) {
      throw sourceError(error, about ?? server)
    }
  }
  const ask = async (sql: string, about: string | undefined): Promise<unknown> =>
    (await query(sql, about))[0]
  return {
    read: (sql, page, about) =>
      readTextRows((connection as unknown as Promised).connection, sql, page).catch(
        (error: unknown) => {
          throw sourceError(error, about ?? server)
        },
      ),
    async select(sql, about) {
      const rows = (await ask(sql, about)) as Printed[]
      return rows.map((row) => row.map((value) => value?.toString('utf8') ?? null))
    },
    async named(sql, about) {
      const [rows, fields] = await query(sql, about)
      return (rows as unknown as Printed[]).map((row) =>
        Object.fromEntries(fields.map(({ name }, i) => [name, row[i]?.toString('utf8') ?? null])),
      )
    },
    async run(sql, about) {
      const { affectedRows, insertId } = (await ask(sql, about)) as ResultSetHeader
      return { affected: affectedRows, id: insertId }
    },
  }
}

async function inTransaction<Result>(
  session: Session,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  await session.run('START TRANSACTION')
  try {
    const result = await work(session)
    await session.run('COMMIT')
    return result
  } catch (error) {
    await session.run('ROLLBACK').catch(() => {
      // A connection that cannot even roll back must not be lent again
      throw new SyncError('SOURCE_UNREACHABLE', 'the connection broke inside a transaction')
    })
    throw error
  }
}
