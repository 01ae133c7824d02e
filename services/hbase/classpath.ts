import { createHash } from 'node:crypto'
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

const VERSION = '2.6.4'
const LOCK = fileURLToPath(new URL('jars.lock', import.meta.url))

export interface Classpath {
  readonly classpath: string
  readonly version: string
  readonly origin: string
}

export async function findClasspath(log: Log, signal: AbortSignal): Promise<Classpath> {
  const sum = createHash('sha256').update(await readFile(LOCK))
  const key = `hbase-${VERSION}-${sum.digest('hex').slice(0, 12)}`
  const jars = (folder: string) => Promise.resolve({ classpath: within(folder), version: VERSION })
  const places: Place<{ classpath: string; version: string }>[] = [
    { origin: 'PATH', look: () => installed(signal) },
    {
      origin: 'cache',
      look: async () => {
        const folder = cached(key)
        return folder === undefined ? undefined : jars(folder)
      },
    },
    ...fromMaven({ what: 'HBase', lock: LOCK, key, log, signal }, jars),
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

function within(folder: string): string {
  return readLock(LOCK)
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
