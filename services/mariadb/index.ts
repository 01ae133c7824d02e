import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Launch, Server, Site } from '../contract.ts'
import { givenDatabase, loginWorks, passwordOf } from '../mysql/login.ts'
import { asRoot } from '../mysql/program.ts'
import type { Program } from '../mysql/program.ts'
import { portsOf } from '../ports.ts'
import { run } from '../run.ts'
import { findProgram } from './program.ts'
import type { MariaDB } from './program.ts'

/** MariaDB, with the binary log on as in MySQL. */
export const mariadb: Server = {
  name: 'mariadb',
  variable: 'LONGHAUL_MARIADB',
  patienceMs: 20_000,
  given: (text) => givenDatabase(text, 'LONGHAUL_MARIADB'),
  fetch: findProgram,
  prepare,
  ready: loginWorks,
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
      ...['--bind-address=127.0.0.1', `--port=${ports.server}`, '--socket=mariadb.sock'],
      ...[
        '--pid-file=mariadb.pid',
        '--local-infile=ON',
        '--secure-file-priv=',
        `--tmpdir=${site.folder}`,
      ],
      ...['--log-bin=binlog', '--binlog-format=ROW', '--server-id=1'],
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
async function initialize(site: Site, program: MariaDB, password: string): Promise<void> {
  const data = join(site.folder, 'data')
  if (existsSync(data)) return
  const unfinished = join(site.folder, 'data.unfinished')
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  const [command, ...first] = program.command
  const options = [...common(program, unfinished), '--bootstrap', '--skip-log-bin']
  await run(command, [...first, ...options, '--innodb-buffer-pool-size=64M'], {
    input: await systemTables(program.share, password),
    signal: site.signal,
    timeoutMs: 180_000,
  })
  await rename(unfinished, data)
}

// What mariadb-install-db does, without its shell script, which needs more programs of the package.
async function systemTables(share: string, password: string): Promise<string> {
  const names = await readdir(share)
  const texts: string[] = []
  for (const part of ['system_tables', 'performance_tables', 'system_tables_data']) {
    // The files were renamed from mysql_ to mariadb_ in MariaDB 11.
    const name = names.find(
      (file) => file === `mysql_${part}.sql` || file === `mariadb_${part}.sql`,
    )
    if (!name) throw new Error(`No file for MariaDB's ${part} in ${share}.`)
    texts.push(await readFile(join(share, name), 'utf8'))
  }
  const change = [
    'FLUSH PRIVILEGES;',
    "DELETE FROM mysql.global_priv WHERE User = '' OR Host NOT IN ('localhost', '127.0.0.1');",
    'FLUSH PRIVILEGES;',
    ...['localhost', '127.0.0.1'].map(
      (host) => `ALTER USER 'root'@'${host}' IDENTIFIED BY '${password}';`,
    ),
  ]
  const head = 'CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n'
  return `${head}${texts.join('\n')}\n${change.join('\n')}\n`
}
