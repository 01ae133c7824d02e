import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, Connection as TemporalConnection } from '@temporalio/client'
import type { Connection } from 'mysql2/promise'
import { parseProject } from '../../config/project.ts'
import type { Mapping } from '../../model/mapping.ts'
import type { Project } from '../../model/project.ts'
import { hbase } from '../../sinks/hbase/index.ts'
import type { Sink } from '../../sinks/sink.ts'
import { mysql } from '../../sources/mysql/index.ts'
import type { Source } from '../../sources/source.ts'
import { LEFTOVERS } from '../e2e/leftovers.ts'
import type { Plan } from './plan.ts'
import { firstStatements } from './schema.ts'
import type { Servers } from './servers.ts'

/** What one run plays in: a database, an account and an HBase namespace of its own, on the servers of the series. */
export interface Ground {
  /** Names the project, the database, the account and the HBase namespace. */
  readonly name: string
  readonly folder: string
  readonly connections: string
  readonly workerLog: string
  readonly project: Project
  readonly client: Client
  /** A connection of an application. */
  connect(): Promise<Connection>
  /** The product's own source and sink, for who folds the log and disturbs regions. */
  source(): Promise<Source>
  sink(): Promise<Sink>
  /** Triggers and tables of ours in the source; none when clean. */
  leftovers(): Promise<readonly string[]>
  close(): Promise<void>
}

export interface GroundOptions {
  readonly plan: Plan
  readonly servers: Servers
  /** Files of the run: its connections, the worker's log. */
  readonly folder: string
}

export async function openGround({ plan, servers, folder }: GroundOptions): Promise<Ground> {
  const name = `c${plan.seed}_${randomBytes(3).toString('hex')}`
  const schema = `${name}_log`
  const account = { user: name, password: randomBytes(9).toString('base64url') }
  mkdirSync(folder, { recursive: true })
  await createDatabase(servers, plan, { name, schema, ...account })
  const source = {
    address: servers.database.address,
    ...account,
    schema,
    log: plan.log,
  }
  const cluster = { endpoints: [servers.hbase.address] }
  const connections = join(folder, 'connections.yaml')
  writeFileSync(
    connections,
    JSON.stringify({ sources: { app: source }, clusters: { main: cluster } }),
  )
  const text = projectText(plan, name)
  writeFileSync(join(folder, 'project.yaml'), text)
  const project = parseProject(text, 'project.yaml')
  const temporal = await TemporalConnection.connect({ address: servers.temporal.address })
  const client = new Client({ connection: temporal })
  await terminateAll(client)
  const openSink = () => hbase.open(hbase.options.parse(cluster))
  return {
    name,
    folder,
    connections,
    workerLog: join(folder, 'worker.log'),
    project,
    client,
    connect: () => servers.connect(name),
    source: () => mysql.open(mysql.options.parse(source)),
    sink: openSink,
    async leftovers() {
      const rows = await servers.ask(LEFTOVERS, [name, schema])
      return rows.map(({ what = '' }) => what)
    },
    async close() {
      await temporal.close()
      await dropTargets(openSink, project.tables, name)
      await servers.ask(
        `drop database if exists \`${name}\`; drop database if exists \`${schema}\`; drop user if exists '${name}'@'%'`,
      )
    },
  }
}

/** Queues have fixed names: what an earlier run has left would be done by the workers of this one. */
export async function terminateAll(client: Client): Promise<void> {
  for await (const { workflowId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' }))
    await client.workflow
      .getHandle(workflowId)
      .terminate('its run is over')
      .catch(() => undefined)
}

interface Names {
  readonly name: string
  readonly schema: string
  readonly user: string
  readonly password: string
}

async function createDatabase(
  servers: Servers,
  plan: Plan,
  { name, schema, user, password }: Names,
): Promise<void> {
  const account = `'${user}'@'%'`
  await servers.ask(`create database \`${name}\` character set utf8mb4;
    create user ${account} identified by '${password}';
    grant select, trigger, lock tables on \`${name}\`.* to ${account};
    grant all privileges on \`${schema}\`.* to ${account};
    ${plan.mayProcess ? `grant process on *.* to ${account};` : ''}`)
  const connection = await servers.connect(name)
  try {
    await connection.query(`set time_zone = '+00:00'`)
    for (const statement of firstStatements(plan)) await connection.query(statement)
  } finally {
    connection.destroy()
  }
}

/** Nothing is corrected: a correction would hide what was lost. */
const projectText = (plan: Plan, name: string): string =>
  JSON.stringify({
    project: name,
    source: 'app',
    cluster: 'main',
    namespace: name,
    codec: plan.codec,
    tables: plan.tables.map((table) => ({ from: `${name}.${table.name}`, rowKey: table.rowKey })),
    limits: plan.limits,
    verify: { mode: plan.verify, correct: 'never' },
  })

/** HBase keeps some memory for every table that was ever written. */
async function dropTargets(
  open: () => Promise<Sink>,
  tables: readonly Mapping[],
  project: string,
): Promise<void> {
  const sink = await open()
  await Promise.all(tables.map(({ target }) => sink.drop(target, project).catch(() => false)))
  await sink.close()
}
