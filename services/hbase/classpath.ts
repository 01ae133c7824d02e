import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached } from '../cache.ts'
import type { Log } from '../contract.ts'
import { readLock } from '../jar-lock.ts'
import { fromMaven } from '../maven.ts'
import { firstOf } from '../places.ts'
import type { Place } from '../places.ts'
import { onPath, run } from '../run.ts'

/** What everything is run with. */
export const USUAL_VERSION = '2.6.4'

/** What the client is also tried with: `npm run test:versions`. */
export const OTHER_VERSIONS: readonly string[] = [
  '2.4.18',
  '2.5.13-hadoop3',
  '2.6.1-hadoop3',
  '3.0.0-alpha-4',
]

/** Names another version than the usual one, as on Maven Central. */
const VARIABLE = 'LONGHAUL_HBASE_VERSION'

export interface Classpath {
  readonly classpath: string
  readonly version: string
  readonly origin: string
}

export async function findClasspath(log: Log, signal: AbortSignal): Promise<Classpath> {
  const asked = process.env[VARIABLE]
  const version = asked ?? USUAL_VERSION
  const lock = lockOf(version)
  const sum = createHash('sha256').update(await readFile(lock))
  const key = `hbase-${version}-${sum.digest('hex').slice(0, 12)}`
  const jars = (folder: string) => Promise.resolve({ classpath: within(folder, lock), version })
  const places: Place<{ classpath: string; version: string }>[] = [
    // What is installed has a version of its own.
    ...(asked === undefined ? [{ origin: 'PATH', look: () => installed(signal) }] : []),
    {
      origin: 'cache',
      look: async () => {
        const folder = cached(key)
        return folder === undefined ? undefined : jars(folder)
      },
    },
    ...fromMaven({ what: 'HBase', lock, key, log, signal }, jars),
  ]
  return firstOf({
    what: 'HBase',
    places,
    advice:
      'Install Maven, set MAVEN_REPO_URL to a Maven repository, or name a server in LONGHAUL_HBASE.',
    log,
    signal,
  })
}

function lockOf(version: string): string {
  const name = version === USUAL_VERSION ? 'jars.lock' : `jars-${version}.lock`
  const lock = fileURLToPath(new URL(name, import.meta.url))
  if (existsSync(lock)) return lock
  const known = [USUAL_VERSION, ...OTHER_VERSIONS].join(', ')
  throw new Error(`${VARIABLE} is ${version}; there are ${known}.`)
}

function within(folder: string, lock: string): string {
  return readLock(lock)
    .map((jar) => join(folder, jar.name))
    .join(delimiter)
}

/** An HBase of the user's own, by its start script. */
async function installed(
  signal: AbortSignal,
): Promise<{ classpath: string; version: string } | undefined> {
  const script = onPath('hbase')
  if (!script) return undefined
  const limits = { signal, timeoutMs: 30_000 }
  const version = /HBase (\d\S*)/.exec(
    await run(script, ['version'], { ...limits, mergeErrors: true }),
  )?.[1]
  const classpath = (await run(script, ['classpath'], limits)).trim().split('\n').at(-1)
  if (!version || !classpath) throw new Error(`${script} does not tell its version and class path`)
  return { classpath, version }
}
