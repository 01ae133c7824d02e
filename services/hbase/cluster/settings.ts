/** Which port each process has, for as long as the cluster lives. */
export type ClusterPorts = Readonly<Record<PortName, number>>

export const PORT_NAMES = [
  'zookeeper',
  'master',
  'standby',
  'nameNode',
  'nameNodeWeb',
  'dataNode',
  'dataNodeCalls',
  'dataNodeWeb',
] as const

export type PortName = (typeof PORT_NAMES)[number]

export interface SiteOptions {
  readonly folder: string
  readonly ports: ClusterPorts
  readonly servers: number
  readonly hdfs: boolean
}

/** hbase-site.xml of every process. The ports of region servers and of the standby are given on their command lines. */
export function clusterSite(options: SiteOptions): Readonly<Record<string, string>> {
  const { folder, ports, servers, hdfs } = options
  return {
    'hbase.cluster.distributed': 'true',
    'hbase.rootdir': hdfs ? `hdfs://localhost:${ports.nameNode}/hbase` : `file://${folder}/root`,
    'hbase.tmp.dir': `${folder}/tmp`,
    ...network(ports),
    ...quickRecovery(),
    ...smallHeaps(),
    'hbase.wal.provider': 'filesystem',
    'hbase.wal.meta_provider': 'filesystem',
    // A start waits a little for all servers, but a master that is started again does without one that
    // died meanwhile; everybody looks every second instead of every three to ten.
    'hbase.master.wait.on.regionservers.mintostart': '1',
    'hbase.master.wait.on.regionservers.maxtostart': String(servers),
    'hbase.server.thread.wakefrequency': '1000',
    'hbase.regionserver.msginterval': '1000',
    'hbase.procedure.remote.dispatcher.delay.msec': '10',
    // Regions that were split or merged may be split or merged again only when their parents are swept.
    'hbase.catalogjanitor.interval': '2000',
    ...(hdfs ? hdfsSite(options) : {}),
  }
}

/** hdfs-site.xml: one NameNode and one DataNode on the loopback. */
export function hdfsSite({ folder, ports }: SiteOptions): Readonly<Record<string, string>> {
  return {
    ...coreSite(ports),
    'dfs.namenode.rpc-address': `localhost:${ports.nameNode}`,
    'dfs.namenode.http-address': `127.0.0.1:${ports.nameNodeWeb}`,
    'dfs.namenode.name.dir': `file://${folder}/dfs/name`,
    'dfs.namenode.safemode.extension': '0',
    'dfs.namenode.safemode.min.datanodes': '1',
    'dfs.datanode.address': `127.0.0.1:${ports.dataNode}`,
    'dfs.datanode.ipc.address': `127.0.0.1:${ports.dataNodeCalls}`,
    'dfs.datanode.http.address': `127.0.0.1:${ports.dataNodeWeb}`,
    'dfs.datanode.hostname': 'localhost',
    'dfs.datanode.data.dir': `file://${folder}/dfs/data`,
    'dfs.replication': '1',
    'dfs.permissions.enabled': 'false',
    // A block is recovered at a heartbeat; the default is every 3 s.
    'dfs.heartbeat.interval': '1',
  }
}

export const coreSite = ({ nameNode }: ClusterPorts): Readonly<Record<string, string>> => ({
  'fs.defaultFS': `hdfs://localhost:${nameNode}`,
})

/** zoo.cfg. A session lasts 2 to 20 ticks. */
export const zooConfiguration = (folder: string, { zookeeper }: ClusterPorts): string =>
  [
    'tickTime=500',
    'maxSessionTimeout=180000',
    `dataDir=${folder}/zookeeper-data`,
    `clientPort=${zookeeper}`,
    'clientPortAddress=127.0.0.1',
    'maxClientCnxns=0',
    'admin.enableServer=false',
    '',
  ].join('\n')

// Addresses rather than localhost, which may mean ::1 to a client.
function network(ports: ClusterPorts): Record<string, string> {
  return {
    'hbase.zookeeper.quorum': '127.0.0.1',
    'hbase.zookeeper.property.clientPort': String(ports.zookeeper),
    'hbase.master.hostname': '127.0.0.1',
    'hbase.master.ipc.address': '127.0.0.1',
    'hbase.master.port': String(ports.master),
    'hbase.master.info.port': '-1',
    'hbase.regionserver.hostname': '127.0.0.1',
    'hbase.regionserver.ipc.address': '127.0.0.1',
    'hbase.regionserver.info.port': '-1',
  }
}

/** A dead server is noticed after 6 s instead of 90; shorter sessions end by themselves on a busy machine. */
function quickRecovery(): Record<string, string> {
  return {
    'zookeeper.session.timeout': '6000',
    // The pauses are paid once for the log of hbase:meta and once for the other one; 4 s by default.
    'hbase.lease.recovery.first.pause': '300',
    'hbase.lease.recovery.pause': '300',
  }
}

function smallHeaps(): Record<string, string> {
  return {
    'hbase.regionserver.handler.count': '10',
    'hfile.block.cache.size': '0.1',
    'hbase.hregion.memstore.mslab.enabled': 'false',
    // Flushed early, so that a server never stops writers for want of memory, and tests see flushes.
    'hbase.hregion.memstore.flush.size': String(16 << 20),
  }
}
