import { appendFile, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HBaseClient } from '../hbase/index.ts'
import type { Launch, Log, RunningService, Server } from '../services/contract.ts'
import { hbase } from '../services/hbase/index.ts'
import { freePort } from '../services/ports.ts'
import { attach, launchProcess, untilReady } from '../services/running.ts'

type Settings = Readonly<Record<string, string>>

/** A server as one would run it: compiled fully, with room for what is written. */
export const JVM = ['-XX:TieredStopAtLevel=4', '-Xmx3g']
export const SETTINGS: Settings = {
  'hbase.hregion.memstore.mslab.enabled': 'true',
  // Ten million rows leave some 50 GB of old logs and files within the ten minutes they are kept otherwise
  'hbase.master.cleaner.interval': '10000',
  'hbase.master.logcleaner.ttl': '1000',
  'hbase.master.hfilecleaner.ttl': '1000',
}

export interface ServerOptions {
  /** Data, configuration and logs. */
  readonly folder: string
  readonly settings: Settings
  /** Options of the JVM; they come after those of the tests' servers, and win. */
  readonly jvm: readonly string[]
  readonly log: Log
}

export interface OwnServer {
  readonly service: RunningService
  readonly launch: Launch
}

const NEVER = new AbortController().signal

/** The HBase of the tests in a process of its own, with other settings. It ends with this process at the latest. */
export async function startHBase(options: ServerOptions): Promise<OwnServer> {
  const { log, settings } = options
  const home = { folder: options.folder, keep: false }
  const folder = join(home.folder, hbase.name)
  await mkdir(folder, { recursive: true })
  const plain = await hbase.prepare({ folder, log, signal: NEVER })
  await addSettings(join(folder, 'conf', 'hbase-site.xml'), settings)
  const launch = { ...plain, arguments: withJvm(plain.arguments, options.jvm) }
  const first = await launchProcess(hbase.name, launch, home)
  const service = attach(hbase, home, await untilReady(hbase, home, first, NEVER))
  log(`hbase ${service.version} at ${service.address}, files in ${folder}`)
  return { service, launch }
}

/**
 * A second region server, a process of its own that can be killed alone. Resolves when the master
 * counts it in.
 */
export async function startRegionServer(
  { launch }: OwnServer,
  client: HBaseClient,
  options: ServerOptions,
): Promise<RunningService> {
  const home = { folder: options.folder, keep: false }
  const folder = join(home.folder, hbase.name)
  const conf = join(folder, 'conf')
  await mkdir(conf, { recursive: true })
  const port = await freePort()
  for (const file of ['hbase-site.xml', 'log4j2.properties'])
    await copyFile(join(launch.cwd, 'conf', file), join(conf, file))
  await addSettings(join(conf, 'hbase-site.xml'), {
    'hbase.cluster.distributed': 'true',
    'hbase.regionserver.port': String(port),
    ...options.settings,
  })
  const changed = {
    ...launch,
    cwd: folder,
    address: { host: '127.0.0.1', port },
    arguments: launch.arguments.map((word) =>
      word === MASTER ? REGION_SERVER : word.replaceAll(launch.cwd, folder),
    ),
  }
  const joins: Server = { ...hbase, ready: () => joined(client, `127.0.0.1:${port}`) }
  const first = await launchProcess(hbase.name, changed, home)
  return attach(joins, home, await untilReady(joins, home, first, NEVER))
}

const MASTER = 'org.apache.hadoop.hbase.master.HMaster'
const REGION_SERVER = 'org.apache.hadoop.hbase.regionserver.HRegionServer'

/** Until its first report, which tells its heap, the master places nothing there (ServerManager.createDestinationServersList). */
async function joined(client: HBaseClient, address: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const { servers } = await client.admin.clusterStatus()
    if (servers.some(({ name, maxHeapMegabytes }) => name === address && maxHeapMegabytes > 0))
      return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`The master does not count the region server ${address} in.`)
}

/** Of two properties with one name Hadoop takes the later one. */
async function addSettings(file: string, settings: Settings): Promise<void> {
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('</configuration>\n', ''))
  const lines = Object.entries(settings).map(
    ([name, value]) => `<property><name>${name}</name><value>${value}</value></property>\n`,
  )
  await appendFile(file, `${lines.join('')}</configuration>\n`)
}

function withJvm(words: readonly string[], jvm: readonly string[]): string[] {
  const at = words.indexOf('-cp')
  return [...words.slice(0, at), ...jvm, ...words.slice(at)]
}
