import { createHash } from 'node:crypto'
import { SyncError, type ErrorCode } from '../model/errors.ts'
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
  /** Throws SCHEMA_CHANGED. Asked after rows were read: then they are what the transform takes them for. */
  readonly unchanged: () => Promise<void>
}

/** Opens both ends; throws SCHEMA_CHANGED when the table is not what the project was started with. */
export async function routeTo(
  context: Pick<ActivityContext, 'source' | 'sink'>,
  { project, mapping, schemaHash }: TableInput,
): Promise<Route> {
  const source = await context.source(mapping.source)
  const compiled = async (): Promise<Transform> => {
    const transform = compile(mapping, await source.describe(mapping.anchor))
    if (hashOf(transform.table) !== schemaHash)
      throw new SyncError('SCHEMA_CHANGED', mapping.anchor)
    return transform
  }
  const transform = await compiled()
  return {
    source,
    sink: await context.sink(mapping.cluster),
    table: transform.table,
    transform,
    seal: sealFor(source.sealSecret, `${project}/${mapping.name}`),
    async unchanged() {
      await compiled()
    },
  }
}

/** Whether an error is about one table alone: it is another than it was, and the others can go on without it. */
export const isAboutTable = (error: unknown): error is SyncError =>
  error instanceof SyncError && ABOUT_TABLE.has(error.code)

const ABOUT_TABLE: ReadonlySet<ErrorCode> = new Set([
  'SCHEMA_CHANGED',
  'TABLE_UNKNOWN',
  'DATABASE_UNKNOWN',
  'COLUMN_UNKNOWN',
  'KEY_MISSING',
  'KEY_UNSUPPORTED',
  'TYPE_UNSUPPORTED',
  'CODEC_UNFIT',
])

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
