import { SyncError } from '../model/errors.ts'
import type { Finding } from '../model/finding.ts'
import type { Mapping } from '../model/mapping.ts'
import type { Transform } from '../transform/transform.ts'
import { alive } from './beat.ts'
import type { ActivityContext } from './context.ts'
import { DIFF_TABLE } from './differences.ts'
import { lookAt, targetOf } from './look.ts'
import { hashOf, routeTo, type TableInput } from './route.ts'

export interface SourceInput {
  readonly project: string
  readonly source: string
}

export interface CheckTables extends SourceInput {
  readonly tables: readonly Mapping[]
}

export interface TablesInput extends SourceInput {
  readonly tables: readonly Omit<TableInput, 'project'>[]
}

export interface CheckedTable {
  readonly name: string
  readonly schemaHash: string
  readonly estimate: number
}

/** Regions a table begins with, unless its row key is salted or hashed. */
const REGIONS = 8
const FEWEST_PER_REGION = 50_000

export const prepareActivities = (context: ActivityContext) => ({
  /** Proves that a worker serves this source and that the source answers. */
  async greetSource({ source }: { source: string }): Promise<{ server: string }> {
    return { server: (await context.source(source)).server }
  },

  /**
   * Looks at every table and its target before anything is created. Throws the first blocking finding's code
   * with all their sentences; what does not block is returned and logged.
   */
  async checkTables({ project, source: name, tables }: CheckTables): Promise<{
    tables: readonly CheckedTable[]
    findings: readonly Finding[]
    servers: Record<string, string>
  }> {
    const source = await context.source(name)
    const findings: Finding[] = []
    const servers: Record<string, string> = {}
    const compiled: Transform[] = []
    await alive(async () => {
      for (const mapping of tables) {
        const sink = await context.sink(mapping.cluster)
        // Asked first: of a cluster that is away it tells soonest
        servers[mapping.cluster] ??= await sink.server()
        const { transform, findings: found } = await lookAt({ source, sink }, project, mapping)
        if (transform !== null) compiled.push(transform)
        findings.push(...found)
      }
    })
    refuse(findings)
    context.meter.findings(findings)
    const checked = await Promise.all(
      compiled.map(async ({ table }, i) => ({
        name: tables[i]?.name ?? '',
        schemaHash: hashOf(table),
        estimate: await source.rows.estimate(table),
      })),
    )
    return { tables: checked, findings, servers }
  },

  /** Creates what is missing of the targets, split where the rows will fall. Safe to repeat. */
  async createTargets({ project, tables }: TablesInput): Promise<void> {
    await alive(async () => {
      for (const { mapping, schemaHash } of tables) {
        const input = { project, mapping, schemaHash }
        const { source, sink, table, transform } = await routeTo(context, input)
        const size = Math.floor((await source.rows.estimate(table)) / REGIONS)
        const sampled =
          size < FEWEST_PER_REGION
            ? []
            : await source.rows.boundaries(table, null, size, REGIONS - 1)
        await sink.prepare(DIFF_TABLE)
        await sink.prepare(targetOf(project, transform, transform.splits(sampled)))
      }
    })
  },

  /** From here on no change can be lost. Safe to repeat. */
  async installCapture({ project, source: name, tables }: TablesInput): Promise<void> {
    const source = await context.source(name)
    await alive(async () => {
      const schemas = await Promise.all(
        tables.map(async ({ mapping, schemaHash }) => {
          const { table } = await routeTo(context, { project, mapping, schemaHash })
          return table
        }),
      )
      const once = new Map(schemas.map((schema) => [schema.name, schema]))
      await source.capture(project).install([...once.values()])
    })
  },

  /** Captures tables anew, as they are now. Safe to repeat; throws SCHEMA_CHANGED when a key is another one. */
  async recapture({ project, source: name, tables }: TablesInput): Promise<void> {
    const source = await context.source(name)
    const capture = source.capture(project)
    await alive(async () => {
      for (const { mapping, schemaHash } of tables) {
        const { table } = await routeTo(context, { project, mapping, schemaHash })
        await capture.recapture(table)
      }
    })
  },

  /** A new token of a source's lease. */
  async allocateToken({ project, source }: SourceInput): Promise<number> {
    return (await context.source(source)).capture(project).token('load')
  },
})

function refuse(findings: readonly Finding[]): void {
  const blocking = findings.filter((finding) => finding.blocks)
  const [first] = blocking
  if (first === undefined) return
  const sentences = blocking.map(({ about, text }) => (about === '' ? text : `${about}: ${text}`))
  throw new SyncError(first.code, [...new Set(sentences)].join(' / '))
}
