import { constants } from 'node:fs'
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { intoCache } from './cache.ts'
import { difference } from './checksum.ts'
import type { Log } from './contract.ts'
import { download } from './download.ts'
import type { Place } from './places.ts'
import { onPath, run } from './run.ts'
import { readLock } from './jar-lock.ts'
import type { LockedJar } from './jar-lock.ts'

const CENTRAL = 'https://repo1.maven.org/maven2'
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'
const PARALLEL = 8

export interface WantedJars {
  /** The server's name, for messages. */
  readonly what: string
  /** A lock file: one jar a line, with its sha256. */
  readonly lock: string
  /** Name of the cache entry. */
  readonly key: string
  readonly log: Log
  readonly signal: AbortSignal
  /** Run when all jars are in the folder and right, before the cache entry appears. */
  readonly unpack?: (staging: string) => Promise<void>
}

type Bring = (missing: readonly LockedJar[], staging: string) => Promise<void>

/** The package registry as places of a search: by Maven's own client, else straight by the lock. */
export function fromMaven<T>(wanted: WantedJars, use: (folder: string) => Promise<T>): Place<T>[] {
  const direct = process.env['MAVEN_REPO_URL'] ? 'MAVEN_REPO_URL' : 'Maven Central'
  const look = (bring: Bring) => async () => use(await fetchJars(wanted, bring))
  return [
    { origin: 'Maven', look: look(byMaven(wanted)) },
    { origin: direct, look: look(byDownload(wanted)) },
  ]
}

/** The jars of the lock in one cache folder, each with the lock's sha256. */
function fetchJars(wanted: WantedJars, bring: Bring): Promise<string> {
  return intoCache(wanted.key, wanted, async (staging) => {
    const jars = readLock(wanted.lock)
    const missing: LockedJar[] = []
    for (const jar of jars) if (!(await take(localRepository(), jar, staging))) missing.push(jar)
    if (missing.length > 0) {
      const size = missing.reduce((sum, jar) => sum + jar.bytes, 0) / 1e6
      wanted.log(`${wanted.what}: fetching ${missing.length} jars, ${size.toFixed(0)} MB`)
      await bring(missing, staging)
    }
    for (const jar of jars) {
      const wrong = await difference(join(staging, jar.name), jar)
      if (wrong) throw new Error(`${jar.path} was refused: ${wrong}. Nothing of it was kept.`)
    }
    await wanted.unpack?.(staging)
  })
}

/** Maven's own client: it knows the user's mirrors, proxies and passwords. */
function byMaven(wanted: WantedJars): Bring {
  return async (missing, staging) => {
    const maven = onPath('mvn')
    if (!maven) throw new Error('mvn is not installed')
    const work = join(staging, 'maven')
    await mkdir(work)
    await writeFile(join(work, 'pom.xml'), pom(missing))
    const timeouts = '-Dmaven.wagon.http.connectionTimeout=5000 -Dmaven.wagon.rto=10000'
    await run(
      maven,
      ['-B', '-f', join(work, 'pom.xml'), PLUGIN, '-Dmdep.useRepositoryLayout=true'].concat(
        [`-DoutputDirectory=${work}`],
        timeouts.split(' '),
      ),
      { signal: wanted.signal, timeoutMs: 600_000, silenceMs: 15_000 },
    )
    for (const jar of missing) {
      if (!(await take(work, jar, staging))) throw new Error(`mvn brought a wrong ${jar.path}`)
    }
    await rm(work, { recursive: true })
  }
}

/** Straight from a repository, by the lock alone; needs neither Maven nor a JDK. */
function byDownload(wanted: WantedJars): Bring {
  const base = (process.env['MAVEN_REPO_URL'] ?? CENTRAL).replace(/\/+$/, '')
  return async (missing, staging) => {
    const queue = [...missing].sort((one, other) => other.bytes - one.bytes)
    // The first failure ends the other lanes: a source that hangs once hangs for every file.
    const failed = new AbortController()
    const signal = AbortSignal.any([wanted.signal, failed.signal])
    const lane = async (): Promise<void> => {
      for (let jar = queue.shift(); jar; jar = queue.shift()) {
        const target = join(staging, jar.name)
        await download({ ...jar, url: `${base}/${jar.path}`, target, signal })
      }
    }
    const lanes = Array.from({ length: PARALLEL }, () =>
      lane().catch((error: unknown) => {
        failed.abort(error)
        throw error
      }),
    )
    await Promise.all(lanes)
  }
}

function localRepository(): string {
  return join(homedir(), '.m2', 'repository')
}

/** Copies the jar when the folder has it with the right bytes. */
async function take(repository: string, jar: LockedJar, staging: string): Promise<boolean> {
  const from = join(repository, jar.path)
  if (await difference(from, jar)) return false
  await copyFile(from, join(staging, jar.name), constants.COPYFILE_FICLONE)
  return true
}

function pom(jars: readonly LockedJar[]): string {
  const all =
    '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>'
  const dependencies = jars.map(
    ({ group, artifact, version, classifier }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>` +
      `<version>${version}</version>${classifier && `<classifier>${classifier}</classifier>`}${all}</dependency>`,
  )
  return (
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>' +
    '<groupId>longhaul</groupId><artifactId>servers</artifactId><version>1</version>' +
    `<dependencies>${dependencies.join('\n')}</dependencies></project>`
  )
}
