import type { ClusterPorts } from './settings.ts'

/** One process of a cluster. */
export type Role =
  'zookeeper' | 'name-node' | 'data-node' | 'master' | 'standby' | `server-${number}`

export interface Part {
  readonly role: Role
  readonly port: number
  readonly heapMb: number
  readonly main: readonly string[]
  /** Printed when it works. Without it, an open port is the sign. */
  readonly says?: string
}

const HADOOP = 'org.apache.hadoop'

/** The parts of a cluster in the order they have to be started in. */
export function partsOf(site: {
  readonly conf: string
  readonly ports: ClusterPorts
  readonly serverPorts: readonly number[]
  readonly hdfs: boolean
}): readonly Part[] {
  const { conf, ports, serverPorts, hdfs } = site
  return [
    {
      role: 'zookeeper',
      port: ports.zookeeper,
      heapMb: 64,
      main: ['org.apache.zookeeper.server.ZooKeeperServerMain', `${conf}/zoo.cfg`],
    },
    ...(hdfs ? hdfsParts(ports) : []),
    masterPart('master', ports.master),
    masterPart('standby', ports.standby),
    ...serverPorts.map(serverPart),
  ]
}

/** Makes the NameNode's folder. */
export const FORMAT: readonly string[] = [
  `${HADOOP}.hdfs.server.namenode.NameNode`,
  '-format',
  '-nonInteractive',
]

function hdfsParts(ports: ClusterPorts): readonly Part[] {
  return [
    {
      role: 'name-node',
      port: ports.nameNode,
      heapMb: 128,
      main: [`${HADOOP}.hdfs.server.namenode.NameNode`],
    },
    {
      role: 'data-node',
      port: ports.dataNode,
      heapMb: 128,
      main: [`${HADOOP}.hdfs.server.datanode.DataNode`],
      says: 'successfully registered with NN',
    },
  ]
}

function masterPart(role: 'master' | 'standby', port: number): Part {
  const main = `${HADOOP}.hbase.master.HMaster`
  return {
    role,
    port,
    heapMb: 256,
    main: [main, '-D', `hbase.master.port=${port}`, 'start'],
    ...(role === 'master' ? { says: 'Master has completed initialization' } : {}),
  }
}

function serverPart(port: number, index: number): Part {
  const main = `${HADOOP}.hbase.regionserver.HRegionServer`
  return {
    role: `server-${index + 1}`,
    port,
    heapMb: 256,
    main: [main, '-D', `hbase.regionserver.port=${port}`, 'start'],
    says: 'Serving as ',
  }
}
