import { createConnection } from 'mysql2/promise'
import type { Connection } from 'mysql2/promise'
import { HBaseClient } from '../../hbase/index.ts'
import { startServices } from '../../services/index.ts'
import type { RunningService } from '../../services/index.ts'
import type { Log } from '../../services/contract.ts'
import { JVM, SETTINGS } from '../server.ts'
import { createTable, FAMILY, fillTable, SCHEMA } from './workloads.ts'
import type { Workload } from './workloads.ts'

/** The servers of a benchmark, all on this machine, and an administrator's connection to the source. */
export interface Farm {
  readonly folder: string
  readonly log: Log
  readonly source: RunningService
  readonly hbase: RunningService
  readonly temporal: RunningService
  readonly admin: Connection
  readonly client: HBaseClient
  close(): Promise<void>
}

export type SourceName = 'mysql' | 'mariadb'

export async function openFarm(name: SourceName, folder: string, log: Log): Promise<Farm> {
  const servers = await startServices([name, 'hbase', 'temporal'], {
    folder,
    log,
    hbase: { settings: SETTINGS, java: JVM },
  })
  const { hbase, temporal } = servers
  const source = servers[name]
  const { host, port, user = '', password = '' } = source
  const admin = await createConnection({ host, port, user, password, dateStrings: true })
  // The whole table stays in memory, as a server of that size would have it
  await admin.query('SET GLOBAL innodb_buffer_pool_size = 1073741824')
  await admin.query(`CREATE DATABASE ${SCHEMA}`)
  await admin.query(`USE ${SCHEMA}`)
  await admin.query(`CREATE TABLE ${SCHEMA}.digits (d INT PRIMARY KEY)`)
  await admin.query(`INSERT INTO ${SCHEMA}.digits VALUES ${numbers(10)}`)
  const client = new HBaseClient({ endpoints: [hbase.address], operationTimeoutMs: 600_000 })
  return {
    ...{ folder, log, source, hbase, temporal, admin, client },
    async close() {
      await admin.end()
      await client.close()
      await Promise.all([hbase, temporal, source].map((server) => server.stop()))
    },
  }
}

const numbers = (count: number): string =>
  Array.from({ length: count }, (_, i) => `(${i})`).join(', ')

/** Makes the table of a workload, and reads it once, so that the first who loads it is not the one who warms it up. */
export async function fillSource(
  { admin, log }: Farm,
  workload: Workload,
  rows: number,
): Promise<void> {
  log(`${workload.name}: ${rows} rows of ${workload.about}`)
  await admin.query(createTable(workload))
  for (const insert of fillTable(workload, rows)) await admin.query(insert)
  await admin.query(`ANALYZE TABLE ${SCHEMA}.${workload.name}`)
  await admin.query(`CHECKSUM TABLE ${SCHEMA}.${workload.name}`)
}

export async function dropSource({ admin }: Farm, { name }: Workload): Promise<void> {
  await admin.query(`DROP TABLE ${SCHEMA}.${name}`)
}

/** The key in the middle of a table, as text. */
export async function middleKey(
  { admin }: Farm,
  { name, key }: Workload,
  rows: number,
): Promise<string> {
  const [found] = await admin.query(
    `SELECT ${key} AS middle FROM ${SCHEMA}.${name} ORDER BY ${key} LIMIT 1 OFFSET ${rows >> 1}`,
  )
  return String((found as { middle: string | number }[])[0]?.middle)
}

let targets = 0

/** An empty table for a peer; its name is not used twice. */
export async function createTarget(
  { client }: Farm,
  name: string,
  splits: readonly Uint8Array[],
): Promise<string> {
  const target = `${name}_${process.pid}_${++targets}`
  const families = [{ name: FAMILY, attributes: { VERSIONS: '1' } }]
  await client.admin.createTable({ name: target, families, attributes: {} }, splits)
  return target
}

/** Waits until everything written is in one file per region. */
export async function settle({ client }: Farm, table: string): Promise<void> {
  await client.admin.flush(table)
  await client.admin.compact(table, { major: true })
}

export async function drop({ client }: Farm, table: string): Promise<void> {
  await client.admin.disable(table)
  await client.admin.deleteTable(table)
}
