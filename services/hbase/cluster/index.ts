import { copyFile, mkdir } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log } from '../../contract.ts'
import { writeWhole } from '../../files.ts'
import { javaCommand } from '../java.ts'
import { JVM_OPTIONS, toXml } from '../settings.ts'
import { freePort } from '../../ports.ts'
import { run } from '../../run.ts'
import { clusterClasspath } from './classpath.ts'
import { Member } from './member.ts'
import { FORMAT, partsOf } from './roles.ts'
import type { Part, Role } from './roles.ts'
import { clusterSite, coreSite, hdfsSite, PORT_NAMES, zooConfiguration } from './settings.ts'
import type { ClusterPorts, SiteOptions } from './settings.ts'
import { startWatch } from './watch.ts'

export type { Role } from './roles.ts'

const LOGGING = fileURLToPath(new URL('../log4j2.properties', import.meta.url))
const FORMAT_HEAP_MB = 128

/**
 * `servers` keeps its files on the local disk, which survives SIGKILL of any process but cannot fence:
 * a server that sleeps (SIGSTOP) past its session still acknowledges rows into a log that was already
 * taken from it, and loses them. `hdfs` adds a NameNode and a DataNode, where that cannot happen.
 */
export type ClusterVariant = 'servers' | 'hdfs'

export interface ClusterOptions {
  readonly variant: ClusterVariant
  /** Data and logs; empty or not there yet. Two folders never disturb each other. */
  readonly folder: string
  /** How many region servers; 3 by default. */
  readonly servers?: number
  readonly log: Log
  readonly signal?: AbortSignal
}

/** A whole HBase cluster, every part a process of its own. It dies with this process, however that ends. */
export interface Cluster {
  readonly variant: ClusterVariant
  /** host:port of the master and the region servers. */
  readonly endpoints: readonly string[]
  /** host:port */
  readonly zookeeper: string
  /** The roles of the region servers. */
  readonly servers: readonly Role[]
  /** host:port */
  addressOf(role: Role): string
  logFile(role: Role): string
  isAlive(role: Role): boolean
  /** Starts a part that does not run (the standby, or one that was killed), on its old port, and waits until it works. */
  start(role: Role): Promise<void>
  /** Sends the signal; resolves when the process is gone, for SIGSTOP and SIGCONT at once. */
  signal(role: Role, signal: NodeJS.Signals): Promise<void>
  /** Ends all processes at once; the data stays. Safe to repeat. */
  stop(): Promise<void>
}

/** Starts everything but the standby and resolves when tables can be made on all servers. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { variant, log, signal = new AbortController().signal } = options
  const folder = resolve(options.folder)
  const site = await chooseSite(folder, options)
  const conf = await writeSite(site)
  const java = await javaCommand()
  const classpath = await clusterClasspath({ log, signal }, site)
  const jvm = ({ heapMb, main }: Pick<Part, 'heapMb' | 'main'>): readonly string[] => [
    ...JVM_OPTIONS,
    ...['-Xms32m', `-Xmx${heapMb}m`, `-Dhbase.log.dir=${folder}`],
    ...['-cp', `${conf}${delimiter}${classpath}`],
    ...main,
  ]
  const watch = startWatch()
  const members = new Map<Role, Member>()
  for (const part of partsOf({ conf, ...site })) {
    const launch = { command: java, arguments: jvm(part), cwd: folder }
    const logFile = join(folder, `${part.role}.log`)
    members.set(part.role, new Member({ ...part, launch, logFile, signal, watch }))
  }
  const cluster = handle(site, variant, members)
  const began = Date.now()
  try {
    if (site.hdfs) {
      const format = jvm({ heapMb: FORMAT_HEAP_MB, main: FORMAT })
      await run(java, format, { cwd: folder, signal, timeoutMs: 120_000 })
    }
    await startInOrder([...members.values()])
  } catch (error) {
    await cluster.stop()
    throw error
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1)
  log(`hbase cluster (${variant}): ready after ${seconds} s, at ${cluster.addressOf('master')}`)
  return cluster
}

type Site = SiteOptions & { readonly serverPorts: readonly number[] }

async function chooseSite(folder: string, { variant, servers = 3 }: ClusterOptions): Promise<Site> {
  const chosen = await Promise.all(
    PORT_NAMES.map(async (name) => [name, await freePort()] as const),
  )
  const ports = Object.fromEntries(chosen) as ClusterPorts
  const serverPorts = await Promise.all(Array.from({ length: servers }, () => freePort()))
  return { folder, ports, servers, serverPorts, hdfs: variant === 'hdfs' }
}

async function writeSite(site: Site): Promise<string> {
  const conf = join(site.folder, 'conf')
  await mkdir(conf, { recursive: true })
  await writeWhole(join(conf, 'hbase-site.xml'), toXml(clusterSite(site)))
  await writeWhole(join(conf, 'zoo.cfg'), zooConfiguration(site.folder, site.ports))
  await copyFile(LOGGING, join(conf, 'log4j2.properties'))
  if (!site.hdfs) return conf
  await writeWhole(join(conf, 'hdfs-site.xml'), toXml(hdfsSite(site)))
  await writeWhole(join(conf, 'core-site.xml'), toXml(coreSite(site.ports)))
  // Both look for their web pages on the class path and refuse to start without; the jars have none.
  for (const pages of ['hdfs', 'datanode']) {
    await mkdir(join(conf, 'webapps', pages), { recursive: true })
  }
  return conf
}

/** A master or region server that finds no NameNode gives up, so what they stand on comes first. */
async function startInOrder(members: readonly Member[]): Promise<void> {
  const ground = members.filter(({ role }) => GROUND.includes(role))
  const rest = members.filter(({ role }) => !GROUND.includes(role) && role !== 'standby')
  await Promise.all(ground.map((member) => member.start()))
  await Promise.all(rest.map((member) => member.start()))
}

const GROUND: readonly Role[] = ['zookeeper', 'name-node', 'data-node']

function handle(
  { ports, serverPorts }: Site,
  variant: ClusterVariant,
  members: ReadonlyMap<Role, Member>,
): Cluster {
  const of = (role: Role): Member => {
    const member = members.get(role)
    if (member !== undefined) return member
    throw new Error(`This cluster has no ${role}, only ${[...members.keys()].join(', ')}.`)
  }
  return {
    variant,
    endpoints: [ports.master, ...serverPorts].map((port) => `127.0.0.1:${port}`),
    zookeeper: `127.0.0.1:${ports.zookeeper}`,
    servers: serverPorts.map((_, index) => `server-${index + 1}` as const),
    addressOf: (role) => `127.0.0.1:${of(role).port}`,
    logFile: (role) => of(role).logFile,
    isAlive: (role) => of(role).isAlive,
    start: (role) => of(role).start(),
    signal: (role, signal) => of(role).signal(signal),
    stop: async () => {
      await Promise.all([...members.values()].map((member) => member.kill()))
    },
  }
}
