import { setTimeout as sleep } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import type { Connection } from 'mysql2/promise'
import { startReader, startServices, startWitness } from '../../services/index.ts'
import type { JavaReader, RunningService, Witness } from '../../services/index.ts'
import type { Product } from './plan.ts'

/** Servers of the environment belong to somebody else: they are not to be killed. */
const VARIABLES = [
  'LONGHAUL_TEMPORAL_ADDRESS',
  'LONGHAUL_HBASE',
  'LONGHAUL_MYSQL',
  'LONGHAUL_MARIADB',
]

/** The real servers of a whole series of runs. What a run has killed it has started again. */
export interface Servers {
  readonly product: Product
  readonly temporal: RunningService
  readonly hbase: RunningService
  readonly database: RunningService
  /** A connection of the administrator; throws while the server is away. */
  connect(database?: string): Promise<Connection>
  /** A statement of the administrator, on a connection of its own; again while the server is away. */
  ask(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, string>[]>
  /** Ends the server, by force or not, and starts it again after a while. */
  restart(
    name: 'temporal' | 'hbase' | 'database',
    how: { readonly signal: 'SIGKILL' | 'SIGTERM'; readonly awayMs: number },
  ): Promise<void>
  /** HBase's own client, connected when it is first asked for after a start of HBase. */
  witness(): Promise<Witness>
  /** HBase's `Bytes` and Phoenix's types; started when first asked for. */
  reader(): Promise<JavaReader>
  close(): Promise<void>
}

export interface ServersOptions {
  readonly product: Product
  readonly folder: string
  /** Leave them running. */
  readonly keep: boolean
  /** Of HBase; with more than one, regions move where they would be reopened. */
  readonly regionServers?: number
  readonly log: (line: string) => void
}

const PATIENCE_MS = 60_000

export async function openServers({
  product,
  folder,
  keep,
  log,
  regionServers = 1,
}: ServersOptions): Promise<Servers> {
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name)
  const started = await startServices(['temporal', 'hbase', product], {
    ...{ folder, keep, log },
    hbase: { regionServers },
  })
  const running = {
    temporal: started.temporal,
    hbase: started.hbase,
    database: started[product],
  }
  let witness: Promise<Witness> | undefined
  let reader: Promise<JavaReader> | undefined
  const dismiss = async (): Promise<void> => {
    const before = witness
    witness = undefined
    await before?.then((one) => one.close()).catch(() => undefined)
  }
  const servers: Servers = {
    product,
    ...running,
    connect: (database) => connectTo(running.database, database),
    ask: (sql, values = []) => ask(() => servers.connect(), sql, values),
    async restart(name, { signal, awayMs }) {
      const server = running[name]
      if (name === 'hbase') await dismiss()
      if (signal === 'SIGKILL') await server.kill('SIGKILL')
      else await server.stop()
      await sleep(awayMs)
      await server.restart()
      if (name === 'database') await trustTriggers(servers)
    },
    witness: () => (witness ??= startWitness(running.hbase, () => undefined)),
    reader: () => (reader ??= startReader(() => undefined)),
    async close() {
      await dismiss()
      await reader?.then((one) => one.close()).catch(() => undefined)
      if (!keep) await Promise.all(Object.values(running).map((server) => server.stop()))
    },
  }
  await trustTriggers(servers)
  return servers
}

/** What README.md asks for, kept over a restart. MariaDB cannot keep it but in its configuration. */
const trustTriggers = (servers: Servers): Promise<unknown> =>
  servers.ask(
    `set ${servers.product === 'mysql' ? 'persist' : 'global'} log_bin_trust_function_creators = 1`,
  )

const connectTo = (
  { host, port, user = '', password = '' }: RunningService,
  database?: string,
): Promise<Connection> =>
  mysql.createConnection({
    ...{ host, port, user, password },
    ...(database === undefined ? {} : { database }),
    charset: 'utf8mb4',
    multipleStatements: true,
    connectTimeout: 3_000,
  })

async function ask(
  connect: () => Promise<Connection>,
  sql: string,
  values: readonly unknown[],
): Promise<readonly Record<string, string>[]> {
  for (const end = performance.now() + PATIENCE_MS; ;) {
    try {
      const connection = await connect()
      connection.on('error', () => undefined)
      try {
        const [rows] = await connection.query(sql, [...values])
        return rows as Record<string, string>[]
      } finally {
        connection.destroy()
      }
    } catch (error) {
      const { errno, fatal } = error as { errno?: number; fatal?: boolean }
      const isAway = errno === undefined || errno < 0 || fatal === true || errno === 1053
      if (!isAway || performance.now() > end) throw error
      await sleep(200)
    }
  }
}
