import { createHash } from 'node:crypto'
import { SyncError } from '../model/errors.ts'
import type { Mapping } from '../model/mapping.ts'
import type { TableSchema } from '../model/table.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Source } from '../sources/source.ts'
import { compile } from '../transform/compile.ts'
import type { Transform } from '../transform/transform.ts'
import type { ActivityContext } from './context.ts'
import { sealFor, type Seal } from './seal.ts'

/** What names a table to an activity. */
export interface TableInput {
  readonly project: string
  readonly mapping: Mapping
  /** As the structure phase saw it. */
  readonly schemaHash: string
}

/** From a source's table to its place in a sink. */
export interface Route {
  readonly source: Source
  readonly sink: Sink
  readonly table: TableSchema
  readonly transform: Transform
  readonly seal: Seal
}

/** Opens both ends; throws SCHEMA_CHANGED when the table is not what the project was started with. */
export async function routeTo(
  context: ActivityContext,
  { project, mapping, schemaHash }: TableInput,
): Promise<Route> {
  const source = await context.source(mapping.source)
  const transform = compile(mapping, await source.describe(mapping.anchor))
  const { table } = transform
  if (hashOf(table) !== schemaHash)
    throw new SyncError(
      'SCHEMA_CHANGED',
      `${mapping.anchor}. Release the project ${project} and start it again, or change the table back`,
    )
  return {
    source,
    sink: await context.sink(mapping.cluster),
    table,
    transform,
    seal: sealFor(source.sealSecret, `${project}/${mapping.name}`),
  }
}

/** Names, types and key: what decides how rows are read and written. Hex, 16 digits. */
export const hashOf = (table: TableSchema): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        table.columns.map(({ name, native, nullable }) => [name, native, nullable]),
        table.key,
      ]),
    )
    .digest('hex')
    .slice(0, 16)
