import { randomBytes, randomInt } from 'node:crypto'
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise'
import type { RunningService } from '../../services/index.ts'
import type { Database } from '../setup.ts'
import type { Product } from './sandbox.ts'

/** A server that takes over what is written to one database of another one. */
export interface Replica {
  /** host:port */
  readonly address: string
  /** An administrator's connection, in the replicated database. */
  readonly admin: Connection
  /** Another one. */
  open(): Promise<Connection>
  /** The whole of it, or the thread that applies alone. */
  replication(verb: 'start' | 'stop', thread?: 'sql_thread'): Promise<void>
  /** Waits until it has applied all the primary had written by now. */
  caughtUp(): Promise<void>
  /** It replicates no more, and knows nothing of its primary. */
  promote(): Promise<void>
  close(): Promise<void>
}

/** Both speak of one thing; MySQL 8.4 has dropped the words MariaDB keeps. */
const WORDS = {
  mysql: {
    word: 'replica',
    name: '',
    position: 'show binary log status',
    wait: 'source_pos_wait',
    only: (database: string) => `change replication filter replicate_do_db = (\`${database}\`)`,
    follow: (settings: string) =>
      `change replication source to ${settings.replaceAll('$', 'source')}, get_source_public_key = 1`,
  },
  mariadb: {
    word: 'slave',
    // a replication may have a name there, and a plain SHOW SLAVE STATUS leaves it out
    name: `set default_master_connection = 'shop';`,
    position: 'show master status',
    wait: 'master_pos_wait',
    only: (database: string) => `set global replicate_do_db = '${database}'`,
    follow: (settings: string) => `change master to ${settings.replaceAll('$', 'master')}`,
  },
} as const

/** Makes a server that runs replicate a database of another, row by row, from now on: both know no table of it yet. */
export async function replicate(
  product: Product,
  primary: Database,
  server: RunningService,
  database: string,
): Promise<Replica> {
  const { word, name, position, wait, only, follow } = WORDS[product]
  const { host, port, user = '', password = '', address } = server
  const opened: Connection[] = []
  const open = async (login: mysql.ConnectionOptions): Promise<Connection> => {
    const connection = await mysql.createConnection({ ...login, multipleStatements: true })
    opened.push(connection)
    return connection
  }
  const above = await open({ ...primary })
  const account = { user: `${database}r`, password: randomBytes(9).toString('base64url') }
  await above.query(`create user ?@'%' identified by ?`, [account.user, account.password])
  await above.query(`grant replication slave on *.* to ?@'%'`, [account.user])
  const at = async (): Promise<readonly [file: string, byte: number]> => {
    const [[row]] = await above.query<RowDataPacket[]>(position)
    return [String(row?.['File']), Number(row?.['Position'])]
  }

  const login = { host, port, user, password }
  const first = await open(login)
  await first.query(`create database \`${database}\` character set utf8mb4`)
  const admin = await open({ ...login, database })
  const [file, byte] = await at()
  // the primary of two replicas of one number would let go of the first
  await admin.query(`${name} set global server_id = ${randomInt(2, 2 ** 31)};
    ${follow(`$_host = '${primary.host}', $_port = ${primary.port}, $_user = '${account.user}',
      $_password = '${account.password}', $_log_file = '${file}', $_log_pos = ${byte}, $_connect_retry = 1`)};
    ${only(database)}; start ${word}`)
  return {
    address,
    admin,
    open: () => open({ ...login, database }),
    async replication(verb, thread) {
      await admin.query(`${verb} ${word} ${thread ?? ''}`)
    },
    async caughtUp() {
      const [[row]] = await admin.query<RowDataPacket[]>(`select ${wait}(?, ?, 30) as events`, [
        ...(await at()),
      ])
      const events = row?.['events'] as number | null
      if (events === null || events < 0) throw new Error(`${address} did not catch up: ${events}`)
    },
    async promote() {
      await admin.query(`stop ${word}; reset ${word} all`)
    },
    async close() {
      await above.query(`drop user ?@'%'`, [account.user])
      for (const connection of opened) connection.destroy()
    },
  }
}
