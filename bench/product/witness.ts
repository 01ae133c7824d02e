import { fileURLToPath } from 'node:url'
import { startChild } from '../child.ts'
import { compileJava } from '../java.ts'
import type { JavaProgram } from '../java.ts'
import { connectorJars } from './connector.ts'
import type { Farm } from './farm.ts'

/** What a table holds, told by HBase's own client. */
export interface Digest {
  readonly rows: number
  readonly cells: number
  readonly digest: string
}

export interface Witness {
  digest(table: string): Promise<Digest>
  close(): Promise<void>
}

/** The loader in Java, which is the witness as well. */
export const compileLoader = async ({ folder, log }: Farm): Promise<JavaProgram> =>
  compileJava(fileURLToPath(new URL('Loader.java', import.meta.url)), {
    folder,
    jars: await connectorJars(log),
    log,
  })

export function startLoader({ source, hbase }: Farm, program: JavaProgram) {
  const url = `jdbc:mysql://${source.address}/?useSSL=false&allowPublicKeyRetrieval=true`
  const login = [url, source.user ?? '', source.password ?? '', hbase.address]
  return startChild(program.command, [...program.arguments, ...login])
}

/** In a process of its own, which is billed to nobody. */
export function startWitness(farm: Farm, program: JavaProgram): Witness {
  const { ask, close } = startLoader(farm, program)
  return { digest: (table) => ask<Digest>(`digest ${table}`), close }
}
