/** The ports of an HBase in one process. */
export interface HBasePorts {
  readonly master: number
  readonly regionServer: number
  readonly zookeeper: number
}

export interface HBaseShape {
  readonly ports: HBasePorts
  readonly host: string
  readonly regionServers: number
  readonly version: string
}

/** hbase-site.xml for ZooKeeper, master and region servers in one JVM, with files on the local disk. */
export function hbaseSite(folder: string, shape: HBaseShape): Readonly<Record<string, string>> {
  const { regionServers } = shape
  return {
    'hbase.cluster.distributed': 'false',
    'hbase.rootdir': `file://${folder}/root`,
    'hbase.tmp.dir': `${folder}/tmp`,
    ...network(folder, shape),
    ...pauses(),
    ...(lacksCapabilities(shape.version) ? STREAMS_ON_TRUST : {}),
    // The plain writer flushes every batch to the operating system; SIGKILL loses nothing.
    'hbase.wal.provider': 'filesystem',
    'hbase.wal.meta_provider': 'filesystem',
    'hbase.regionserver.handler.count': '10',
    'hfile.block.cache.size': '0.1',
    // Else every region that was written holds 2 MB of the heap, and tests make many small tables.
    'hbase.hregion.memstore.mslab.enabled': 'false',
    // Start: look every second instead of every three to ten.
    'hbase.master.wait.on.regionservers.mintostart': String(regionServers),
    'hbase.master.wait.on.regionservers.maxtostart': String(regionServers),
    'hbase.server.thread.wakefrequency': '1000',
    'hbase.regionserver.msginterval': '1000',
    'hbase.procedure.remote.dispatcher.delay.msec': '10',
  }
}

// An address rather than localhost, which may mean ::1 to a client.
function network(
  folder: string,
  { ports, host, regionServers }: HBaseShape,
): Record<string, string> {
  return {
    'hbase.zookeeper.quorum': '127.0.0.1',
    'hbase.zookeeper.property.clientPort': String(ports.zookeeper),
    'hbase.zookeeper.property.clientPortAddress': '127.0.0.1',
    'hbase.zookeeper.property.dataDir': `${folder}/zookeeper`,
    'hbase.master.hostname': host,
    'hbase.master.ipc.address': host,
    'hbase.master.port': String(ports.master),
    'hbase.master.info.port': '-1',
    'hbase.regionserver.hostname': host,
    'hbase.regionserver.ipc.address': host,
    'hbase.regionserver.port': regionServers > 1 ? '0' : String(ports.regionServer),
    'hbase.regionserver.info.port': '-1',
  }
}

// The Hadoop these were built with (2.10, 3.2) does not say that its local files can be flushed, though
// they can; without the setting the master finds no place for its log.
const lacksCapabilities = (version: string): boolean => /^(2\.4|3\.0\.0-alpha)/.test(version)
const STREAMS_ON_TRUST = { 'hbase.unsafe.stream.capability.enforce': 'false' }

// A paused process (Ctrl-Z, a suspended machine) must not lose its own ZooKeeper session and kill
// itself. ZooKeeper grants 2 to 20 ticks, so the tick grows with the session.
function pauses(): Record<string, string> {
  return {
    'hbase.zookeeper.property.tickTime': '60000',
    'zookeeper.session.timeout.localHBaseCluster': '1200000',
  }
}

export function toXml(settings: Readonly<Record<string, string>>): string {
  const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const lines = Object.entries(settings).map(
    ([name, value]) =>
      `<property><name>${escape(name)}</name><value>${escape(value)}</value></property>`,
  )
  return `<configuration>\n${lines.join('\n')}\n</configuration>\n`
}

// HBase's own start script gives these for Java 11 and newer.
const OPENS =
  'java.io java.nio sun.nio.ch java.lang jdk.internal.ref java.lang.reflect java.util ' +
  'java.util.concurrent jdk.internal.util.random sun.security.x509 sun.security.util java.net'
const EXPORTS =
  'java.base/jdk.internal.misc java.security.jgss/sun.security.krb5 java.base/sun.net.dns java.base/sun.net.util'

export const JVM_OPTIONS: readonly string[] = [
  '-Dorg.apache.hbase.thirdparty.io.netty.tryReflectionSetAccessible=true',
  ...['--add-modules', 'jdk.unsupported'],
  ...OPENS.split(' ').flatMap((name) => ['--add-opens', `java.base/${name}=ALL-UNNAMED`]),
  ...EXPORTS.split(' ').flatMap((name) => ['--add-exports', `${name}=ALL-UNNAMED`]),
  '-Djava.net.preferIPv4Stack=true',
  // Half the processor time of the default until the server is ready.
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
]
