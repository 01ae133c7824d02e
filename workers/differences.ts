import { readDifferences, type Listed } from '../activities/differences.ts'
import { clusterOf, loadConnections } from '../config/connections.ts'

/** Opens the cluster that keeps a list of differences and reads it, a page at a time. */
export async function* listDifferences({
  connections,
  cluster,
  list,
}: {
  readonly connections: string
  readonly cluster: string
  readonly list: string
}): AsyncIterable<readonly Listed[]> {
  const sink = await clusterOf(await loadConnections(connections), cluster).open()
  try {
    yield* readDifferences(sink, list)
  } finally {
    await sink.close()
  }
}
