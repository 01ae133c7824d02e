import type { Log } from './contract.ts'
import { findClasspath, OTHER_VERSIONS, USUAL_VERSION } from './hbase/classpath.ts'
import { findBinary } from './temporal/binary.ts'

export type {
  Address,
  HBaseExtras,
  Log,
  RunningService,
  ServiceName,
  StartOptions,
} from './contract.ts'
export { SERVICE_NAMES } from './contract.ts'
export { startCluster } from './hbase/cluster/index.ts'
export type { Cluster, ClusterOptions, ClusterVariant, Role } from './hbase/cluster/index.ts'
export { javaCommand } from './hbase/java.ts'
export { startWitness } from './witness.ts'
export type { Witness, WitnessCell } from './witness.ts'
export { startReader } from './reader.ts'
export type { JavaReader, Library } from './reader.ts'
export { runningServices, startServices } from './start.ts'

/** What `LONGHAUL_HBASE_VERSION` may say, oldest first. */
export const HBASE_VERSIONS: readonly string[] = [USUAL_VERSION, ...OTHER_VERSIONS].sort()

const NEVER = new AbortController().signal

/** The Temporal CLI, which is also the dev server; built or fetched when it is not there. */
export async function temporalBinary(log: Log, signal: AbortSignal = NEVER): Promise<string> {
  return (await findBinary(log, signal)).file
}

/** Class path of HBase's server and client. */
export async function hbaseClasspath(log: Log, signal: AbortSignal = NEVER): Promise<string> {
  return (await findClasspath(log, signal)).classpath
}
