import { createHash } from 'node:crypto'
import { copyFile, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log } from '../../services/contract.ts'
import { intoCache } from '../../services/cache.ts'
import { run } from '../../services/run.ts'

export const VERSION = '0.1.15'

export type Callback<T> = (error: unknown, result?: T) => void

export interface OldRow {
  readonly row: Buffer
  /** By "family:qualifier"; an array when a column has several versions. */
  readonly cols: Readonly<Record<string, { readonly value: Buffer }>>
}

export interface OldMutation {
  add?(family: string, qualifier: string | Buffer, value: string | Buffer, timestamp?: number): void
}

/** What of the package is used here; it has no types of its own. */
export interface OldClient {
  on(event: 'error', listener: (error: unknown) => void): void
  put(table: string, put: OldMutation, done: Callback<unknown>): void
  get(table: string, get: object, done: Callback<OldRow | null>): void
  delete(table: string, mutation: object, done: Callback<unknown>): void
  mput(table: string, puts: readonly OldMutation[], done: Callback<unknown[]>): void
  mget(table: string, rows: readonly (string | Buffer)[], done: Callback<(OldRow | null)[]>): void
  mutateRow(...words: unknown[]): void
  getScanner(table: string): OldScanner
}

export interface OldScanner {
  toArray(done: Callback<OldRow[]>): void
  each(
    visit: (error: unknown, row: OldRow | null, next: () => void) => void,
    done: Callback<void>,
  ): void
}

export interface OldPackage {
  (options: {
    readonly zookeeperHosts: readonly string[]
    readonly tcpNoDelay?: boolean
  }): OldClient
  readonly Put: new (row: string | Buffer, timestamp?: number) => Required<OldMutation>
  readonly Get: new (row: string | Buffer) => object
  readonly Delete: new (row: string | Buffer, timestamp?: number) => object
}

/**
 * The folder the package is installed in, exactly as locked, none of its scripts run. It stands in the
 * cache because what it depends on (protobufjs 2, async 0.2, underscore 1.4) has known
 * vulnerabilities, which must not become those of longhaul's own packages.
 */
export async function installPeer(log: Log): Promise<string> {
  const files = ['package.json', 'package-lock.json'].map((name) => ({
    name,
    path: fileURLToPath(new URL(`package/${name}`, import.meta.url)),
  }))
  const hash = createHash('sha256')
  for (const { path } of files) hash.update(await readFile(path))
  const key = `hbase-rpc-client-${VERSION}-${hash.digest('hex').slice(0, 12)}`
  const tools = { log, signal: new AbortController().signal }
  return intoCache(key, tools, async (staging) => {
    for (const { name, path } of files) await copyFile(path, join(staging, name))
    log(`hbase-rpc-client ${VERSION}: installing with npm ci, once`)
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: staging,
      timeoutMs: 120_000,
    })
  })
}

export const loadPeer = (folder: string): OldPackage =>
  createRequire(join(folder, 'package.json'))('hbase-rpc-client') as OldPackage

/** Its promise; an error is thrown as text: the package gives strings, Errors and answers of HBase alike. */
export function result<T>(call: (done: Callback<T>) => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error === null || error === undefined) resolve(value)
      else reject(new Error(describe(error)))
    })
  })
}

export function describe(error: unknown): string {
  if (typeof error === 'string') return error
  const { exceptionClassName, name, message } = error as Partial<
    Record<'exceptionClassName' | 'name' | 'message', string>
  >
  const remote = exceptionClassName ?? name ?? 'Error'
  const simple = remote.slice(remote.lastIndexOf('.') + 1)
  return simple === 'Error' ? (message ?? 'Error') : simple
}
