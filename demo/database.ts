import { readFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import type { Address, RunningService } from '../services/index.ts'
import { createPlays } from './plays.ts'
import type { Screen } from './screen.ts'
import { count, stopwatch } from './text.ts'

export const DATABASE = 'Chinook'
export const PLAYS = 'Play'

/** Who connects to MySQL, and as whom. */
export interface Login extends Pick<Address, 'host' | 'port'> {
  readonly user: string
  readonly password: string
}

export interface Database {
  readonly admin: Login
  /** The application, which reads and writes its own database. */
  readonly app: Login
  /** The account longhaul is given. */
  readonly longhaul: Login
  readonly tables: readonly string[]
}

const file = (name: string): Promise<string> =>
  readFile(new URL(`data/${name}`, import.meta.url), 'utf8')

/** The application's database: Chinook, one large table, and the accounts. */
export async function createDatabase(
  mysql: RunningService,
  rows: number,
  tools: { readonly screen: Screen; readonly signal: AbortSignal },
): Promise<Database> {
  const { screen, signal } = tools
  const admin = loginOf(mysql)
  const connection = await connect(admin, { multipleStatements: true })
  try {
    if (mysql.origin === 'given') await requireRoom(connection)
    const took = stopwatch()
    await connection.query(await file('chinook/Chinook_MySql.sql'))
    screen.say(`  Chinook     11 tables as published, in ${took()}`)
    const again = stopwatch()
    await createPlays(connection, rows, { screen, signal })
    screen.say(`  ${PLAYS}        ${count(rows)} generated rows of 11 columns, in ${again()}`)
    const [app, longhaul] = [
      await account(connection, admin, 'app'),
      await least(connection, admin),
    ]
    screen.say('  account     longhaul, with the privileges of demo/data/grants.sql and no other')
    return { admin, app, longhaul, tables: await tablesOf(connection) }
  } finally {
    connection.destroy()
  }
}

/** Takes out of a server that is not ours what the demo has put into it. */
export async function dropDatabase(mysql: RunningService): Promise<void> {
  const connection = await connect(loginOf(mysql), { multipleStatements: true })
  try {
    await connection.query(`DROP DATABASE IF EXISTS ${DATABASE}; DROP DATABASE IF EXISTS longhaul;
DROP USER IF EXISTS 'app'@'%', 'longhaul'@'%'`)
  } finally {
    connection.destroy()
  }
}

/** Every session in UTC, so that texts of timestamps can be compared. */
export async function connect(
  { host, port, user, password }: Login,
  options: { readonly multipleStatements?: boolean } = {},
): Promise<Connection> {
  const flags = ['-FOUND_ROWS'] // an update that changes nothing is no change
  const connection = await createConnection({ host, port, user, password, flags, ...options })
  connection.on('error', () => undefined) // the next query tells it
  await connection.query("SET time_zone = '+00:00'")
  return connection
}

/** What longhaul has in the source: triggers, and tables of its own database. */
export async function foundOfOurs(login: Login): Promise<number> {
  const connection = await connect(login)
  try {
    const [[found]] = await connection.query<RowDataPacket[]>(`SELECT
  (SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${DATABASE}') +
  (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'longhaul') AS objects`)
    return Number(found?.['objects'])
  } finally {
    connection.destroy()
  }
}

const loginOf = ({ host, port, user = '', password = '' }: RunningService): Login => ({
  host,
  port,
  user,
  password,
})

/** A server that is not ours may hold a database of that name which is not ours either. */
async function requireRoom(connection: Connection): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('Chinook', 'longhaul')",
  )
  if (rows.length === 0) return
  throw new Error(
    `The server in LONGHAUL_MYSQL has a database ${String(rows[0]?.['name'])} already: drop it, or unset LONGHAUL_MYSQL.`,
  )
}

async function account(connection: Connection, admin: Login, user: string): Promise<Login> {
  const password = randomBytes(12).toString('hex')
  await connection.query(`DROP USER IF EXISTS '${user}'@'%'`)
  await connection.query(`CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`)
  if (user === 'app')
    await connection.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${DATABASE}.* TO '${user}'@'%'`)
  return { ...admin, user, password }
}

/** An account without SUPER may create triggers beside a binary log only when the server trusts it. */
async function least(connection: Connection, admin: Login): Promise<Login> {
  const login = await account(connection, admin, 'longhaul')
  await connection.query(await file('grants.sql'))
  await connection.query('SET GLOBAL log_bin_trust_function_creators = 1')
  return login
}

async function tablesOf(connection: Connection): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES
WHERE TABLE_SCHEMA = '${DATABASE}' AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_ROWS DESC, TABLE_NAME`,
  )
  return rows.map((row) => String(row['name']))
}
