import { createConnection, type Connection } from 'mysql2/promise'
import type { RunningService } from '../../services/index.ts'
import { mysql } from '../../sources/mysql/index.ts'
import type { Source } from '../../sources/source.ts'
import { seedStatements } from './seed.ts'

export const VARIANTS = ['none', 'append', 'dedupe', 'seed'] as const
export type Variant = (typeof VARIANTS)[number]

/** A table with one way to capture it, or none, in a database of its own. */
export interface Captured {
  readonly variant: Variant
  readonly database: string
  readonly columns: readonly string[]
  readonly connect: () => Promise<Connection>
  close(): Promise<void>
}

export async function openVariant(
  server: RunningService,
  variant: Variant,
  width: number,
): Promise<Captured> {
  const { host, port, user = 'root', password = '' } = server
  const database = `bench_${variant}_${width}`
  const schema = `${database}_log`
  const columns = Array.from({ length: width }, (_, i) => `c${i + 1}`)
  const login = { host, port, user, password, multipleStatements: true }
  const admin = await createConnection(login)
  await admin.query(`SET GLOBAL log_bin_trust_function_creators = 1;
    DROP DATABASE IF EXISTS ${schema}; DROP DATABASE IF EXISTS ${database}; CREATE DATABASE ${database}; USE ${database};
    CREATE TABLE t (id INT PRIMARY KEY, ${columns.map((name) => `${name} VARCHAR(20)`).join(', ')});
    CREATE TABLE sample LIKE t`)
  let source: Source | null = null
  if (variant === 'append' || variant === 'dedupe') {
    const address = `${host}:${port}`
    source = await mysql.open(
      mysql.options.parse({ address, user, password, schema, log: variant }),
    )
    await source.capture('bench').install([await source.describe(`${database}.t`)])
  }
  if (variant === 'seed')
    for (const statement of seedStatements('t', columns)) await admin.query(statement)
  return {
    variant,
    database,
    columns,
    connect: () => createConnection({ ...login, database }),
    async close() {
      if (source !== null) await source.capture('bench').remove()
      await source?.close()
      await admin.query(`DROP DATABASE ${database}`)
      await admin.end()
    },
  }
}
