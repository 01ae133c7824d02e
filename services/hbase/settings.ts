/** The ports of an HBase in one process. */
export interface HBasePorts {
  readonly master: number
  readonly regionServer: number
  readonly zookeeper: number
}

/** hbase-site.xml for ZooKeeper, master and one region server in one JVM, with files on the local disk. */
export function hbaseSite(folder: string, ports: HBasePorts): Readonly<Record<string, string>> {
  return {
    'hbase.cluster.distributed': 'false',
    'hbase.rootdir': `file://${folder}/root`,
    'hbase.tmp.dir': `${folder}/tmp`,
    ...network(folder, ports),
    ...pauses(),
    // The plain writer flushes every batch to the operating system; SIGKILL loses nothing.
    'hbase.wal.provider': 'filesystem',
    'hbase.wal.meta_provider': 'filesystem',
    'hbase.regionserver.handler.count': '10',
    'hfile.block.cache.size': '0.1',
    // Else every region that was written holds 2 MB of the heap, and tests make many small tables.
    'hbase.hregion.memstore.mslab.enabled': 'false',
    // Start: look every second instead of every three to ten.
    'hbase.master.wait.on.regionservers.mintostart': '1',
    'hbase.master.wait.on.regionservers.maxtostart': '1',
    'hbase.server.thread.wakefrequency': '1000',
    'hbase.regionserver.msginterval': '1000',
    'hbase.procedure.remote.dispatcher.delay.msec': '10',
  }
}

// An address rather than localhost, which may mean ::1 to a client.
function network(folder: string, ports: HBasePorts): Record<string, string> {
  return {
    'hbase.zookeeper.quorum': '127.0.0.1',
    'hbase.zookeeper.property.clientPort': String(ports.zookeeper),
    'hbase.zookeeper.property.clientPortAddress': '127.0.0.1',
    'hbase.zookeeper.property.dataDir': `${folder}/zookeeper`,
    'hbase.master.hostname': '127.0.0.1',
    'hbase.master.ipc.address': '127.0.0.1',
    'hbase.master.port': String(ports.master),
    'hbase.master.info.port': '-1',
    'hbase.regionserver.hostname': '127.0.0.1',
    'hbase.regionserver.ipc.address': '127.0.0.1',
    'hbase.regionserver.port': String(ports.regionServer),
    'hbase.regionserver.info.port': '-1',
  }
}

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
