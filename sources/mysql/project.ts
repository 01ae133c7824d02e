import { SyncError } from '../../model/errors.ts'
import type { Client, Session } from './client.ts'
import { hexLiteral, literal, quote, splitName } from './names.ts'
import type { Identity } from './identity.ts'
import type { Trigger } from './triggers.ts'

/** What one project has in one source: where its rows are found. */
export interface Place {
  readonly client: Client
  readonly project: string
  /** The quoted name of one of our tables. */
  at(object: string): string
  /** SQL for the number of the project's lease; NULL when it has none. */
  readonly unit: string
}

/** A captured table, as longhaul_source remembers it. */
export interface SourceRow {
  readonly sourceId: number
  readonly table: string
  readonly key: readonly string[]
  readonly bits: readonly string[]
  readonly words: number
  /** By trigger name, its fingerprint. */
  readonly hashes: Readonly<Record<string, string>>
  /**
   * `begun`: some of its triggers may be missing. `installed`: all were in place once, so one that is missing now
   * was taken away. `retired`: it has none; the table was captured anew under another number.
   */
  readonly state: 'begun' | 'installed' | 'retired'
  /** Null where TRUNCATE cannot be noticed. */
  readonly identity: Identity | null
}

export function placeOf(client: Client, project: string): Place {
  const schema = quote(client.options.schema)
  const at = (object: string): string => `${schema}.${object}`
  const unit = `(SELECT unit_id FROM ${at('longhaul_unit')} WHERE project = ${textBytes(project)})`
  return { client, project, at, unit }
}

/** A text as its UTF-8 bytes, for our columns that compare byte by byte. */
export const textBytes = (text: string): string => hexLiteral(Buffer.from(text))

/** As the column `installed` has them. */
export const STATES = ['begun', 'installed', 'retired'] as const

export async function sourceRows(session: Session, place: Place): Promise<readonly SourceRow[]> {
  const rows = await session.select(`\
SELECT source_id, table_name, key_spec, column_bits, words, trigger_hashes, installed, identity
FROM ${place.at('longhaul_source')} WHERE unit_id = ${place.unit} ORDER BY source_id`)
  return rows.map(([id, table, key, bits, words, hashes, installed, identity]) => ({
    sourceId: Number(id),
    table: table ?? '',
    key: JSON.parse(key ?? '[]') as string[],
    bits: JSON.parse(bits ?? '[]') as string[],
    words: Number(words),
    hashes: JSON.parse(hashes ?? '{}') as Record<string, string>,
    state: STATES[Number(installed)] ?? 'retired',
    identity: JSON.parse(identity ?? 'null') as Identity | null,
  }))
}

/** The row of a table that is followed, or about to be. */
export const activeOf = (rows: readonly SourceRow[], name: string): SourceRow | undefined =>
  rows.find(({ table, state }) => table === name && state !== 'retired')

/** The captured tables; throws CAPTURE_LOST when there are none, or our tables are gone. */
export async function captured(session: Session, place: Place): Promise<readonly SourceRow[]> {
  const rows = await expectOurs(place, () => sourceRows(session, place))
  if (rows.length === 0) throw lost(place)
  return rows
}

/** A missing table of ours means that nobody logs any more, whatever the server calls it. */
export async function expectOurs<Result>(
  place: Place,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw isAbsent(error) ? lost(place) : error
  }
}

export const isAbsent = (error: unknown): boolean =>
  error instanceof SyncError && ['DATABASE_UNKNOWN', 'TABLE_UNKNOWN'].includes(error.code)

export const lost = (place: Place): SyncError =>
  new SyncError(
    'CAPTURE_LOST',
    `nothing is captured for ${place.project} in ${place.client.options.schema}. Start the project over`,
  )

interface FoundTrigger {
  /** `database.trigger`. */
  readonly name: string
  readonly timing: string
  readonly event: string
  /** `database.table` it hangs on. */
  readonly table: string
  readonly body: string
}

/** Those of the named triggers the catalog shows. */
export async function foundTriggers(
  session: Session,
  names: readonly string[],
): Promise<readonly FoundTrigger[]> {
  if (names.length === 0) return []
  const parts = names.map(splitName)
  const databases = [...new Set(parts.map(({ database }) => database))]
  const rows = await session.select(`\
SELECT TRIGGER_SCHEMA, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION,
  CONCAT(EVENT_OBJECT_SCHEMA, '.', EVENT_OBJECT_TABLE), ACTION_STATEMENT FROM information_schema.TRIGGERS
WHERE TRIGGER_SCHEMA IN (${databases.map(literal).join(', ')})
  AND TRIGGER_NAME IN (${parts.map(({ name }) => literal(name)).join(', ')})`)
  const found = rows.map((row) => {
    const [database, name, timing, event, table, body] = row.map((text) => text ?? '') as Six
    return { name: `${database}.${name}`, timing, event, table, body }
  })
  return found.filter(({ name }) => names.includes(name))
}

type Six = [string, string, string, string, string, string]

export const namesOf = (triggers: readonly Trigger[]): readonly string[] =>
  triggers.map(({ name }) => name)
