import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import mysql, { type Connection as Database } from 'mysql2/promise'
import { inject } from 'vitest'
import { parseProject } from '../../config/project.ts'
import type { Mapping } from '../../model/mapping.ts'
import type { ProjectStatus } from '../../model/project.ts'
import { hbase } from '../../sinks/hbase/index.ts'
import { projectId, projectStatus, type MigrateProject } from '../../workflows/messages.ts'
import { LEFTOVERS } from './leftovers.ts'
import { pendingOf, type Pending } from './pending.ts'
import { startWorker, type WorkerProcess } from './worker-process.ts'

export type Product = 'mysql' | 'mariadb'

export interface Addresses {
  readonly temporal: string
  readonly hbase: string
  readonly database: { host: string; port: number; user: string; password: string }
}

/** What one test plays in: a database, an account, a Temporal namespace and a folder of its own, on shared servers. */
export interface Sandbox {
  /** Unique and short; names the database, the HBase namespace and the account. */
  readonly name: string
  readonly product: Product
  /** An administrator's connection, in the sandbox's database. */
  readonly admin: Database
  readonly account: { readonly user: string; readonly password: string }
  /** Where this sandbox's log table lives. */
  readonly schema: string
  readonly client: Client
  readonly namespace: string
  readonly folder: string
  /** Writes the connections file anew; the password comes from the environment of the worker. */
  connect(changes?: { source?: object; clusters?: object }): void
  worker(options?: { sources?: readonly string[]; metrics?: number }): Promise<WorkerProcess>
  /** Starts a project from the text of its file, which may leave out project, source, cluster and namespace. */
  start(yaml: string, options?: { project?: string; to?: MigrateProject['to'] }): Promise<string>
  /** The tables of a project that was started, as its file maps them. */
  mappings(project?: string): readonly Mapping[]
  /** Another connection of the administrator, in the sandbox's database; it ends with the sandbox. */
  open(): Promise<Database>
  /** The administrator's connection anew, after the server was away. */
  reconnect(): Promise<void>
  status(project?: string): Promise<ProjectStatus>
  /** Polls the status until it answers; throws after the seconds, or when the project has ended. */
  until<T>(
    what: (status: ProjectStatus) => T | undefined,
    options?: { project?: string; seconds?: number },
  ): Promise<T>
  /** The result of the project, or its failure as `CODE: message`. */
  outcome(project?: string): Promise<{ result?: unknown; failure?: string }>
  update<T>(name: string, argument: object, project?: string): Promise<T>
  /** Triggers and tables of ours in the source; empty when clean. */
  leftovers(): Promise<string[]>
  close(): Promise<void>
}

/** The privileges README.md asks for, and no others. */
export const GRANTS = (app: string, schema: string, account: string): string[] => [
  `grant select, trigger, lock tables on \`${app}\`.* to ${account}`,
  `grant all privileges on \`${schema}\`.* to ${account}`,
]

export async function openSandbox(
  product: Product,
  addresses: Addresses = {
    temporal: inject('temporal'),
    hbase: inject('hbase'),
    database: inject(product),
  },
): Promise<Sandbox> {
  const name = `t${randomBytes(4).toString('hex')}`
  const schema = `${name}_log`
  const account = { user: name, password: randomBytes(9).toString('base64url') }
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  const login = {
    ...addresses.database,
    charset: 'utf8mb4',
    multipleStatements: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
  }
  let admin = await mysql.createConnection(login)
  await admin.query(`create database \`${name}\` character set utf8mb4; use \`${name}\``)
  await admin.query(`create user ?@'%' identified by ?`, [account.user, account.password])
  for (const grant of GRANTS(name, schema, `'${account.user}'@'%'`)) await admin.query(grant)
  await admin.query('set global log_bin_trust_function_creators = 1')

  // a server that is killed must not end the test
  admin.on('error', () => undefined)
  const connection = await Connection.connect({ address: addresses.temporal })
  const namespace = name
  await openNamespace(connection, namespace)
  const client = new Client({ connection, namespace })
  const workers: WorkerProcess[] = []
  const opened: Database[] = []
  const mappings = new Map<string, readonly Mapping[]>()
  const files = join(folder, 'connections.yaml')

  const connect: Sandbox['connect'] = (changes = {}) => {
    const { host, port } = addresses.database
    writeFileSync(
      files,
      JSON.stringify({
        sources: {
          app: {
            address: `${host}:${port}`,
            user: account.user,
            password: '${env:SANDBOX_PASSWORD}',
            schema,
            ...changes.source,
          },
        },
        clusters: { main: { endpoints: [addresses.hbase] }, ...changes.clusters },
      }),
    )
  }
  connect()

  const sandbox: Sandbox = {
    name,
    product,
    get admin() {
      return admin
    },
    account,
    schema,
    client,
    namespace,
    folder,
    connect,
    async worker(options = {}) {
      const worker = await startWorker({
        address: addresses.temporal,
        namespace,
        connections: files,
        projects: folder,
        log: join(folder, 'worker.log'),
        env: { SANDBOX_PASSWORD: account.password },
        ...options,
      })
      workers.push(worker)
      return worker
    },
    async start(yaml, { project = 'shop', to } = {}) {
      const text = `project: ${project}\nsource: app\ncluster: main\nnamespace: ${name}\n${yaml.replaceAll('$db', name)}`
      const spec = parseProject(text, `${project}.yaml`)
      mappings.set(project, spec.tables)
      const input: MigrateProject = { project, spec, ...(to === undefined ? {} : { to }) }
      await client.workflow.start('migrateProject', {
        workflowId: projectId(project),
        taskQueue: 'longhaul',
        args: [input],
      })
      return project
    },
    mappings: (project = 'shop') => mappings.get(project) ?? [],
    async open() {
      const connection = await mysql.createConnection({ ...login, database: name })
      opened.push(connection)
      return connection
    },
    async reconnect() {
      admin.destroy()
      admin = await mysql.createConnection({ ...login, database: name })
    },
    status: (project = 'shop') =>
      client.workflow.getHandle(projectId(project)).query(projectStatus),
    async until(what, { project = 'shop', seconds = 90 } = {}) {
      const end = Date.now() + seconds * 1000
      let last: ProjectStatus | undefined
      while (Date.now() < end) {
        last = await sandbox.status(project).catch(() => undefined)
        const answer = last === undefined ? undefined : what(last)
        if (answer !== undefined) return answer
        const { status } = await client.workflow.getHandle(projectId(project)).describe()
        if (!['RUNNING', 'CONTINUED_AS_NEW'].includes(status.name))
          throw new Error(`The project ended: ${JSON.stringify(await sandbox.outcome(project))}`)
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      const busy = await underWay(client).catch((error: unknown) => String(error))
      throw new Error(`Not within ${seconds} s: ${JSON.stringify(last)}; ${JSON.stringify(busy)}`)
    },
    async outcome(project = 'shop') {
      try {
        return { result: await client.workflow.getHandle(projectId(project)).result() }
      } catch (error) {
        return { failure: failureOf(error) }
      }
    },
    update: (update, argument, project = 'shop') =>
      client.workflow.getHandle(projectId(project)).executeUpdate(update, { args: [argument] }),
    async leftovers() {
      const [rows] = await admin.query(LEFTOVERS, [name, schema])
      return (rows as { what: string }[]).map(({ what }) => what)
    },
    async close() {
      for (const worker of workers) await worker.stop()
      for (const other of opened) other.destroy()
      await dropTargets(addresses.hbase, mappings)
      await admin.query(`drop database if exists \`${name}\``)
      await admin.query(`drop database if exists \`${schema}\``)
      await admin.query(`drop user if exists ?@'%'`, [account.user])
      await admin.end()
      await connection.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return sandbox
}

/** A shared HBase keeps some memory for every table that was ever written. */
async function dropTargets(
  address: string,
  mappings: ReadonlyMap<string, readonly Mapping[]>,
): Promise<void> {
  const sink = await hbase.open({ endpoints: [address], maxCellBytes: 1024, timeoutSeconds: 20 })
  for (const [project, tables] of mappings)
    for (const { target } of tables) await sink.drop(target, project).catch(() => false)
  await sink.close()
}

/** What every workflow that runs waits for: it says where a test got stuck. */
async function underWay(client: Client): Promise<Record<string, readonly Pending[]>> {
  const found: Record<string, readonly Pending[]> = {}
  for await (const { workflowId } of client.workflow.list({ query: "ExecutionStatus='Running'" }))
    found[workflowId] = await pendingOf(client, workflowId)
  return found
}

/** The innermost failure: `CODE: message`. */
function failureOf(error: unknown): string {
  let inner = error
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause
  const { type, message } = inner as { type?: string; message: string }
  return `${type ?? (inner as Error).name}: ${message}`
}

/** Task queues have fixed names, so each sandbox has a namespace of its own. A new one takes a moment to be known everywhere. */
async function openNamespace(connection: Connection, namespace: string): Promise<void> {
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  })
  for (let tries = 0; tries < 150; tries++) {
    try {
      await connection.workflowService.describeNamespace({ namespace })
      await connection.withDeadline(Date.now() + 2000, () =>
        connection.workflowService.listWorkflowExecutions({ namespace }),
      )
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  throw new Error(`The Temporal namespace ${namespace} did not come up`)
}
