import { existsSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Address, Launch, Server, Site, Watched } from '../contract.ts'
import { writeWhole } from '../files.ts'
import { formatHostPort, givenAddress, parseHostPort } from '../given.ts'
import { portsOf } from '../ports.ts'
import { accepts, until } from '../until.ts'
import { findClasspath } from './classpath.ts'
import { javaCommand } from './java.ts'
import { hbaseSite, JVM_OPTIONS, toXml } from './settings.ts'
import type { HBasePorts } from './settings.ts'

const LOOPBACK = '127.0.0.1'
const LOGGING = fileURLToPath(new URL('log4j2.properties', import.meta.url))

/** HBase in one process: ZooKeeper, master and a region server. */
export const hbase: Server = {
  name: 'hbase',
  variable: 'LONGHAUL_HBASE',
  // Its regions and logs are closed by then; often it then waits for its own ZooKeeper, which is gone.
  patienceMs: 3_000,
  given: (text) => givenAddress(text, 16000),
  fetch: findClasspath,
  prepare,
  ready,
}

async function prepare(site: Site): Promise<Launch> {
  const java = await javaCommand()
  const found = await findClasspath(site.log, site.signal)
  const ports = await choosePorts(site.folder)
  const { settings: extra = {}, java: options = [], host = LOOPBACK } = site.hbase ?? {}
  const { regionServers = 1 } = site.hbase ?? {}
  const shape = { ports, host, regionServers, version: found.version }
  const settings = { ...hbaseSite(site.folder, shape), ...extra }
  const conf = join(site.folder, 'conf')
  await mkdir(conf, { recursive: true })
  await writeWhole(join(conf, 'hbase-site.xml'), toXml(settings))
  // Hadoop's login looks there, before HBase has read its own file.
  const hadoop = Object.entries(settings).filter(([name]) => name.startsWith('hadoop.'))
  await writeWhole(join(conf, 'core-site.xml'), toXml(Object.fromEntries(hadoop)))
  await copyFile(LOGGING, join(conf, 'log4j2.properties'))
  const address: Address = {
    host,
    port: ports.master,
    zookeeper: `${LOOPBACK}:${ports.zookeeper}`,
    ...(regionServers > 1 ? {} : { regionServer: formatHostPort(host, ports.regionServer) }),
  }
  return {
    version: found.version,
    origin: found.origin,
    command: java,
    arguments: [
      ...JVM_OPTIONS,
      ...(host.includes(':') ? ['-Djava.net.preferIPv4Stack=false'] : []),
      ...options,
      ...['-Xms64m', '-Xmx640m', `-Dhbase.log.dir=${site.folder}`],
      ...['-cp', `${conf}${delimiter}${found.classpath}`],
      ...['org.apache.hadoop.hbase.master.HMaster', 'start'],
      ...(regionServers > 1 ? [`--localRegionServers=${regionServers}`] : []),
    ],
    // Java names files in the locale's encoding: without one, a family called `größe` ends the region server
    environment: { LC_ALL: 'C.UTF-8' },
    cwd: site.folder,
    address,
  }
}

async function choosePorts(folder: string): Promise<HBasePorts> {
  const { ports, taken } = await portsOf(folder, ['master', 'regionServer', 'zookeeper'])
  // A region server that returns on another port leaves the old one's session waiting for 20 minutes.
  if (taken !== undefined && existsSync(join(folder, 'root'))) {
    throw new Error(
      `HBase's data in ${folder} belongs to port ${taken}, which another process has taken. ` +
        'Stop that process, or delete the folder.',
    )
  }
  return ports
}

async function ready(launch: Launch, watched: Watched): Promise<void> {
  const { host, port, regionServer } = launch.address
  const region = regionServer === undefined ? undefined : parseHostPort(regionServer, 16020)
  // The master says so after hbase:meta is open and its own tables can be read.
  await until({ what: 'the HBase master is initialized', withinMs: 120_000, watched }, async () =>
    (await watched.printed()).includes('Master has completed initialization'),
  )
  await until(
    { what: 'HBase accepts connections', withinMs: 10_000, watched },
    async () =>
      (await accepts(host, port)) &&
      (region === undefined || (await accepts(region.host, region.port))),
  )
}
