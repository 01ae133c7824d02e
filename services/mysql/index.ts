import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, intoCache } from '../cache.ts'
import type { Launch, Log, Server, Site } from '../contract.ts'
import { unpackDebian } from '../debian.ts'
import { writeWhole } from '../files.ts'
import { firstOf } from '../places.ts'
import { portsOf } from '../ports.ts'
import { onPath, run } from '../run.ts'
import { givenDatabase, loginWorks, passwordOf } from './login.ts'
import { asRoot, privateCommand, shareFolder, versionOf } from './program.ts'
import type { Program } from './program.ts'

const KEY = `mysql-debian-${process.arch}`

/** MySQL with the server's own defaults, as far as a small machine allows. */
export const mysql: Server = {
  name: 'mysql',
  variable: 'LONGHAUL_MYSQL',
  patienceMs: 20_000,
  given: (text) => givenDatabase(text, 'LONGHAUL_MYSQL'),
  fetch: findProgram,
  prepare,
  ready: loginWorks,
}

function findProgram(log: Log, signal: AbortSignal): Promise<Program & { origin: string }> {
  return firstOf<Program>({
    what: 'MySQL',
    places: [
      { origin: 'PATH', look: () => installed(signal) },
      {
        origin: 'cache',
        look: async () => {
          const root = cached(KEY)
          return root === undefined ? undefined : unpacked(root, signal)
        },
      },
      { origin: 'Debian packages', look: () => fetchDebian(log, signal) },
    ],
    advice:
      'Install MySQL 8.0 or newer so that mysqld is on PATH, name a server in LONGHAUL_MYSQL ' +
      '(mysql://user:password@host:port), or run "docker compose up -d mysql" and name that one.',
    log,
    signal,
  })
}

async function installed(signal: AbortSignal): Promise<Program | undefined> {
  const file = onPath('mysqld', ['/usr/sbin', '/usr/local/mysql/bin'])
  if (!file) return undefined
  const version = await versionOf([file], signal)
  // Many systems call MariaDB's server mysqld too.
  if (/mariadb/i.test(version)) return undefined
  if (Number.parseInt(version, 10) < 8) throw new Error(`${file} is ${version}, older than 8.0`)
  return { command: [file], options: [], version }
}

async function fetchDebian(log: Log, signal: AbortSignal): Promise<Program> {
  const root = await intoCache(KEY, { log, signal }, async (staging) => {
    log('MySQL: fetching its Debian packages, about 70 MB; nothing is installed')
    // Only the unstable suite has MySQL.
    await unpackDebian({ suite: 'sid', packages: ['mysql-server-core'], root: staging, signal })
    await unpacked(staging, signal)
  })
  return unpacked(root, signal)
}

async function unpacked(root: string, signal: AbortSignal): Promise<Program> {
  const command = privateCommand(root, 'usr/sbin/mysqld')
  const share = await shareFolder(root)
  const options = [
    `--basedir=${root}/usr`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${share}/charsets`,
    `--plugin-dir=${root}/usr/lib/mysql/plugin`,
  ]
  return { command, options, version: await versionOf(command, signal) }
}

async function prepare(site: Site): Promise<Launch> {
  const program = await findProgram(site.log, site.signal)
  const password = await passwordOf(site.folder)
  const { ports } = await portsOf(site.folder, ['server'])
  await initialize(site, program, password)
  const [command, ...first] = program.command
  return {
    version: program.version,
    origin: program.origin,
    command,
    arguments: [
      ...first,
      ...common(program, join(site.folder, 'data')),
      ...['--bind-address=127.0.0.1', `--port=${ports.server}`, '--socket=mysql.sock'],
      ...[
        '--mysqlx=OFF',
        '--pid-file=mysql.pid',
        '--local-infile=ON',
        '--secure-file-priv=',
        `--tmpdir=${site.folder}`,
      ],
      ...['--performance-schema=OFF', '--innodb-buffer-pool-size=64M', '--max-connections=300'],
    ],
    cwd: site.folder,
    address: { host: '127.0.0.1', port: ports.server, user: 'root', password },
  }
}

function common(program: Program, data: string): string[] {
  return ['--no-defaults', ...asRoot(), ...program.options, `--datadir=${data}`]
}

/** Makes the data folder with the administrator's password in it; it appears whole or not at all. */
async function initialize(site: Site, program: Program, password: string): Promise<void> {
  const data = join(site.folder, 'data')
  if (existsSync(data)) return
  const unfinished = join(site.folder, 'data.unfinished')
  await rm(unfinished, { recursive: true, force: true })
  const [command, ...first] = program.command
  const sql = join(site.folder, 'first.sql')
  await writeWhole(sql, `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';\n`)
  const options = [...common(program, unfinished), '--initialize-insecure', `--init-file=${sql}`]
  const limits = { signal: site.signal, timeoutMs: 180_000 }
  try {
    await run(command, [...first, ...options], limits)
  } finally {
    await rm(sql, { force: true })
  }
  await rename(unfinished, data)
}
