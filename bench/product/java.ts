import { fileURLToPath } from 'node:url'
import { startChild } from '../child.ts'
import { compileJava } from '../java.ts'
import type { JavaProgram } from '../java.ts'
import { peakMb } from '../machine.ts'
import { connectorJars } from './connector.ts'
import type { Farm } from './farm.ts'
import { FAMILY, SALT } from './longhaul.ts'
import type { System } from './system.ts'
import { SCHEMA } from './workloads.ts'

/** What a table holds, told by HBase's own client. */
export interface Digest {
  readonly rows: number
  readonly cells: number
  readonly digest: string
}

export interface JavaSystem extends System {
  digest(table: string): Promise<Digest>
}

export const compileLoader = async ({ folder, log }: Farm): Promise<JavaProgram> =>
  compileJava(fileURLToPath(new URL('Loader.java', import.meta.url)), {
    folder,
    jars: await connectorJars(log),
    log,
  })

/** Two threads of JDBC into one BufferedMutator; the table is made beforehand, with the regions longhaul makes. */
export function startJava(farm: Farm, program: JavaProgram, rows: number): JavaSystem {
  const { source, hbase, client } = farm
  const url = `jdbc:mysql://${source.address}/?useSSL=false&allowPublicKeyRetrieval=true`
  const login = [url, source.user ?? '', source.password ?? '', hbase.address]
  const { pid, ask, close } = startChild(program.command, [...program.arguments, ...login])
  let runs = 0
  return {
    name: 'java',
    pid,
    peakMb: () => peakMb(pid),
    async load(table) {
      const target = `java_${table}_${process.pid}_${++runs}_${pid}`
      const families = [{ name: FAMILY, attributes: { VERSIONS: '1' } }]
      await client.admin.createTable({ name: target, families, attributes: {} }, SPLITS)
      const { seconds } = await ask<{ seconds: number }>(
        `load ${SCHEMA}.${table} ${target} ${FAMILY} ${SALT} ${rows}`,
      )
      return { target, seconds, loadSeconds: seconds, rest: () => Promise.resolve({}) }
    },
    digest: (table) => ask<Digest>(`digest ${table}`),
    close,
  }
}

const SPLITS = Array.from({ length: SALT - 1 }, (_, i) =>
  Buffer.from((i + 1).toString(16).padStart(2, '0')),
)
