import { cached } from '../cache.ts'
import type { Log } from '../contract.ts'
import { firstOf } from '../places.ts'
import type { Place } from '../places.ts'
import { onPath, run } from '../run.ts'
import { byDownload, byMaven, classpathOf, fetchJars, jarsKey } from './jars.ts'
import { HBASE_LOCK } from './lock-file.ts'

const VERSION = '2.6.4'

export interface Classpath {
  readonly classpath: string
  readonly version: string
  readonly origin: string
}

export async function findClasspath(log: Log, signal: AbortSignal): Promise<Classpath> {
  const options = { lock: HBASE_LOCK, name: `hbase-${VERSION}`, log, signal }
  const jars = (folder: string) => ({
    classpath: classpathOf(folder, HBASE_LOCK),
    version: VERSION,
  })
  const places: Place<{ classpath: string; version: string }>[] = [
    { origin: 'PATH', look: () => installed(signal) },
    {
      origin: 'cache',
      look: async () => {
        const folder = cached(await jarsKey(options))
        return folder === undefined ? undefined : jars(folder)
      },
    },
    { origin: 'Maven', look: async () => jars(await fetchJars(options, byMaven(options))) },
    {
      origin: process.env['MAVEN_REPO_URL'] ? 'MAVEN_REPO_URL' : 'Maven Central',
      look: async () => jars(await fetchJars(options, byDownload(options))),
    },
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
