import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Address, Launch, Server, Site, Watched } from '../contract.ts'
import { givenAddress } from '../given.ts'
import { portsOf } from '../ports.ts'
import { run } from '../run.ts'
import { until } from '../until.ts'
import { findBinary } from './binary.ts'

const SEARCH_ATTRIBUTES: Readonly<Record<string, 'Keyword' | 'Int'>> = {
  LonghaulProject: 'Keyword',
  LonghaulTable: 'Keyword',
  LonghaulPhase: 'Keyword',
  LonghaulState: 'Keyword',
  LonghaulSource: 'Keyword',
  LonghaulRows: 'Int',
  LonghaulLagSeconds: 'Int',
  LonghaulDiffs: 'Int',
}

const DYNAMIC_CONFIG: Readonly<Record<string, string>> = {
  // The dev server polls its queues 20 times a second by default, which is what slows it down.
  'history.transferProcessorMaxPollRPS': '1000',
  'history.timerProcessorMaxPollRPS': '1000',
  'history.timerProcessorMaxTimeShift': '"100ms"',
}

/** Temporal's dev server with its web page; histories survive restarts. */
export const temporal: Server = {
  name: 'temporal',
  variable: 'LONGHAUL_TEMPORAL_ADDRESS',
  patienceMs: 10_000,
  given: (text) => givenAddress(text, 7233),
  fetch: findBinary,
  prepare,
  ready,
}

async function prepare(site: Site): Promise<Launch> {
  const binary = await findBinary(site.log, site.signal)
  const { ports } = await portsOf(site.folder, ['server', 'ui'])
  const database = join(site.folder, 'temporal.db')
  // Killed within its first moments the server leaves a file that never starts again.
  if (!existsSync(answered(site.folder))) await removeDatabase(database)
  const address: Address = {
    host: '127.0.0.1',
    port: ports.server,
    ui: `http://127.0.0.1:${ports.ui}`,
  }
  return {
    version: binary.version,
    origin: binary.origin,
    command: binary.file,
    arguments: startArguments(ports, database),
    cwd: site.folder,
    address,
  }
}

function startArguments(
  ports: { readonly server: number; readonly ui: number },
  database: string,
): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(ports.server)],
    ...['--ui-port', String(ports.ui), '--db-filename', database, '--log-level', 'error'],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=2'],
    ...pairs('--dynamic-config-value', DYNAMIC_CONFIG),
    ...pairs('--search-attribute', SEARCH_ATTRIBUTES),
  ]
}

function pairs(option: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`])
}

async function ready(launch: Launch, watched: Watched): Promise<void> {
  const at = ['--address', `${launch.address.host}:${launch.address.port}`]
  const ask = (...args: string[]): Promise<string> =>
    run(launch.command, [...args, ...at], { timeoutMs: 10_000, signal: watched.signal })
  const wait = { what: 'Temporal reports its cluster as healthy', withinMs: 60_000, watched }
  await until(wait, async () => {
    const health = await ask('operator', 'cluster', 'health').catch(() => '')
    return health.includes('SERVING')
  })
  let listed = ''
  await until({ ...wait, what: 'Temporal lists its search attributes' }, async () => {
    listed = await ask('operator', 'search-attribute', 'list', '-o', 'json').catch(() => '')
    return listed !== ''
  })
  // A database made by an older version lacks the newer ones; the start option does not add them.
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
    if (listed.includes(name)) continue
    await ask('operator', 'search-attribute', 'create', '--name', name, '--type', type)
  }
  await writeFile(answered(launch.cwd), '')
}

function answered(folder: string): string {
  return join(folder, 'answered')
}

async function removeDatabase(file: string): Promise<void> {
  for (const end of ['', '-wal', '-shm', '-journal']) await rm(`${file}${end}`, { force: true })
}
