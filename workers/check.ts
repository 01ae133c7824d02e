import { lookAt } from '../activities/look.ts'
import { clusterOf, loadConnections, sourceOf } from '../config/connections.ts'
import type { CaptureCost } from '../model/cost.ts'
import type { Finding } from '../model/finding.ts'
import type { Project } from '../model/project.ts'
import { once } from './context.ts'

/** What a look at the servers found of one table of a project. */
export interface Inspected {
  readonly table: string
  /** As the servers say: `MySQL 9.7.4` and `HBase 2.6.4`. */
  readonly from: string
  readonly to: string
  /** Roughly; null when the table cannot be moved. */
  readonly rows: number | null
  readonly findings: readonly Finding[]
  /** Null when it was not asked for, or the table cannot be moved. */
  readonly cost: CaptureCost | null
}

/**
 * Looks at every table of a project and at its target, as the start of the project will; touches nothing. With
 * `cost` some rows are copied within the source, see Source.cost.
 */
export async function inspect(
  project: Project,
  connectionsFile: string,
  { cost }: { readonly cost: boolean },
): Promise<readonly Inspected[]> {
  const connections = await loadConnections(connectionsFile)
  const sources = once((name) => sourceOf(connections, name).open())
  const sinks = once((name) => clusterOf(connections, name).open())
  try {
    const inspected: Inspected[] = []
    for (const mapping of project.tables) {
      const source = await sources.get(mapping.source)
      const sink = await sinks.get(mapping.cluster)
      // Asked first: of a cluster that is away it tells soonest
      const to = await sink.server()
      const { transform, findings } = await lookAt({ source, sink }, project.name, mapping)
      const table = findings.some(({ blocks }) => blocks) ? null : (transform?.table ?? null)
      inspected.push({
        table: mapping.name,
        from: source.server,
        to,
        rows: table === null ? null : await source.rows.estimate(table),
        findings,
        cost: cost && table !== null ? await source.cost(table) : null,
      })
    }
    return inspected
  } finally {
    await Promise.all([sources.close(), sinks.close()])
  }
}
