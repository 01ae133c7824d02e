import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { HBaseClient } from '../../hbase/index.ts'
import type { Addresses, Sandbox } from '../e2e/sandbox.ts'

/** Nothing listens on port 1. */
export const CLOSED = '127.0.0.1:1'

export interface Connections {
  /** By name, what differs from the source `app`. */
  readonly sources?: Readonly<Record<string, object>>
  readonly clusters?: Readonly<Record<string, object>>
}

/** Writes a connections file with more sources and clusters than the sandbox's own. Before its worker is started. */
export function connectAlso(
  sandbox: Sandbox,
  { sources = {}, clusters = {} }: Connections,
  addresses: Pick<Addresses, 'database' | 'hbase'> = {
    database: inject(sandbox.product),
    hbase: inject('hbase'),
  },
): void {
  const { host, port } = addresses.database
  const app = {
    address: `${host}:${port}`,
    user: sandbox.account.user,
    password: '${env:SANDBOX_PASSWORD}',
    schema: sandbox.schema,
    connections: 4,
  }
  const others = Object.entries(sources).map(([name, own]) => [name, { ...app, ...own }])
  writeFileSync(
    join(sandbox.folder, 'connections.yaml'),
    JSON.stringify({
      sources: { app, ...(Object.fromEntries(others) as object) },
      clusters: { main: { endpoints: [addresses.hbase] }, ...clusters },
    }),
  )
}

/** Whatever longhaul has made for this sandbox in source or target; empty when nothing was touched. */
export async function traces(sandbox: Sandbox): Promise<string[]> {
  const [schemas] = await sandbox.admin.query(
    `select concat('schema ', schema_name) as what from information_schema.schemata
     where schema_name in (?, 'longhaul')`,
    [sandbox.schema],
  )
  const [triggers] = await sandbox.admin.query(
    `select concat('trigger ', trigger_name) as what from information_schema.triggers
     where trigger_schema = ?`,
    [sandbox.name],
  )
  return [
    ...(await sandbox.leftovers()),
    ...[schemas, triggers].flatMap((rows) => (rows as { what: string }[]).map(({ what }) => what)),
    ...(await targetsOf(sandbox)).map((table) => `target ${table}`),
  ]
}

/** The HBase tables in the sandbox's namespace. */
export const targetsOf = (sandbox: Sandbox): Promise<string[]> =>
  withHBase(async ({ admin }) =>
    (await admin.listTables()).filter((table) => table.startsWith(`${sandbox.name}:`)),
  )

/** Work with a client of the shared cluster. */
export async function withHBase<Result>(
  work: (client: HBaseClient) => Promise<Result>,
): Promise<Result> {
  const client = new HBaseClient({ endpoints: [inject('hbase')] })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The command line, as a process of its own. */
export const longhaul = (sandbox: Sandbox, ...words: readonly string[]): Promise<Said> => {
  const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
  const server = ['--address', inject('temporal'), '--namespace', sandbox.namespace]
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', main, ...server, ...words],
      { cwd: fileURLToPath(new URL('../..', import.meta.url)) },
      (error, stdout, stderr) => {
        const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1
        resolve({ code, stdout: stdout.trim(), stderr: stderr.trim() })
      },
    )
  })
}
