import { createHash } from 'node:crypto'
import type { Damage } from '../../model/change.ts'
import { cascadePaths, parentOf } from './cascade-paths.ts'
import { covers } from './cascades.ts'
import { describeTable } from './catalog.ts'
import type { Session } from './client.ts'
import type { Grant } from './grants.ts'
import { identitiesOf, wasEmptied } from './identity.ts'
import { modeOf } from './log/index.ts'
import { grantsOfAccount } from './privileges.ts'
import {
  foundTriggers,
  isAbsent,
  sourceRows,
  textBytes,
  type Place,
  type SourceRow,
} from './project.ts'
import type { Trigger } from './triggers.ts'

/** What of the capture is missing or altered, and the tables that were emptied behind its back. */
export async function damage(place: Place): Promise<readonly Damage[]> {
  try {
    const rows = (await sourceRows(place.client, place)).filter(({ state }) => state !== 'retired')
    const grants = await grantsOfAccount(place.client)
    const triggers = await Promise.all(
      rows.map(async (row) => {
        const damaged = await damagedTriggers(place.client, row)
        const what = damaged.length > 0 ? damaged : await uncovered(place, row, grants)
        return what.map((one) => ({ table: row.table, what: one }))
      }),
    )
    return [...triggers.flat(), ...(await emptied(place, place.client, rows))]
  } catch (error) {
    if (isAbsent(error))
      return [{ table: null, what: `${place.client.options.schema}.longhaul_source` }]
    throw error
  }
}

export async function damagedTriggers(
  session: Session,
  row: SourceRow,
): Promise<readonly string[]> {
  const names = Object.keys(row.hashes)
  const found = new Map(
    (await foundTriggers(session, names)).map((trigger) => [trigger.name, fingerprint(trigger)]),
  )
  return names.filter((name) => found.get(name) !== row.hashes[name])
}

/** Foreign keys that were added since: what they cascade, no trigger of ours looks up. */
async function uncovered(
  place: Place,
  row: SourceRow,
  grants: readonly Grant[],
): Promise<readonly string[]> {
  if (row.state !== 'installed') return []
  const { client } = place
  const { followed } = await cascadePaths(client, row.table, grants)
  if (followed.length === 0) return []
  const table = await describeTable(client, row.table).catch((error: unknown) => {
    // Of a table that is gone others tell
    if (isAbsent(error)) return null
    throw error
  })
  if (table === null) return []
  const { sourceId } = row
  const found = await foundTriggers(client, Object.keys(row.hashes))
  const log = { schema: client.options.schema, mode: modeOf(client) }
  return followed
    .filter((path) => !covers(found, { sourceId, table }, path, log))
    .map((path) => `the foreign keys from ${row.table} up to ${parentOf(path)}`)
}

/** A trigger by what it does, and to which table: a table that is swapped for another leaves its triggers behind. */
export const fingerprint = ({
  table,
  timing,
  event,
  body,
}: Pick<Trigger, 'table' | 'body'> & { timing: string; event: string }): string =>
  createHash('sha256')
    .update(`${timing} ${event} ${table.toLowerCase()}\n${body.trim()}`)
    .digest('hex')

/**
 * Tables whose rows went by TRUNCATE or with a partition. A rebuild is noted as the table's new identity:
 * it keeps the rows, but hides a TRUNCATE in the same seconds.
 */
export async function emptied(
  place: Place,
  session: Session,
  rows: readonly SourceRow[],
): Promise<readonly Damage[]> {
  const watched = rows.filter(({ identity }) => identity !== null)
  const tables = watched.map(({ table }) => table)
  const now = await identitiesOf(place.client, session, tables)
  const found: Damage[] = []
  for (const { sourceId, table, identity } of watched) {
    const current = now?.get(table)
    if (current === undefined || identity === null) continue
    if (wasEmptied(identity, current))
      found.push({ table, what: `${table} (TRUNCATE, or a partition)` })
    else if (JSON.stringify(current) !== JSON.stringify(identity)) {
      const noted = textBytes(JSON.stringify(current))
      await session.run(
        `UPDATE ${place.at('longhaul_source')} SET identity = ${noted} WHERE source_id = ${sourceId}`,
      )
    }
  }
  return found
}
