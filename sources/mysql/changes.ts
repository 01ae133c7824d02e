import type { Change, Lag } from '../../model/change.ts'
import type { KeyText } from '../../model/value.ts'
import { changedColumns } from '../sql/mask.ts'
import type { Capture } from '../source.ts'
import type { Client } from './client.ts'
import { bury, deadLetters, sourceIds } from './dead.ts'
import { damage } from './damage.ts'
import { install } from './install.ts'
import { takeToken } from './lease.ts'
import { barrier } from './locks.ts'
import { expectMode, modeOf } from './log/index.ts'
import { logRows, type LogRow } from './log/rows.ts'
import { chunked } from './names.ts'
import { captured, expectOurs, placeOf, textBytes, type Place, type SourceRow } from './project.ts'
import { recapture } from './recapture.ts'
import { remove } from './remove.ts'

/** Keys in one statement. */
const AT_ONCE = 1_000

/** The capture of one project (capture.md 1.3, 1.4, 2.1); how its log is kept is said in `log/`. */
export function openCapture(client: Client, project: string): Capture {
  const place = placeOf(client, project)
  const mode = modeOf(client)
  let agreed: Promise<void> | undefined
  /** Looks once whether the log is kept as this source's settings say. */
  const agree = async (): Promise<void> => {
    agreed ??= expectMode(client, client)
    await agreed.catch((error: unknown) => {
      agreed = undefined
      throw error
    })
  }
  const ours = <Result>(work: () => Promise<Result>): Promise<Result> =>
    expectOurs(place, async () => {
      await agree()
      return work()
    })
  return {
    install: (tables) => install(place, tables),
    recapture: (table) => recapture(place, table),
    remove: () => remove(place),
    damage: () => damage(place),
    token: (owner) => ours(() => takeToken(place, owner)),
    read: (limit, except) => ours(() => readLog(place, limit, except)),
    acknowledge(token, changes, dead = []) {
      const numbers = changes.map(({ seq }) => seq)
      return ours(() => mode.acknowledge(place, token, numbers, dead))
    },
    bury: (dead) => ours(() => client.transaction((session) => bury(session, place, dead))),
    dead: (limit) => ours(() => deadLetters(place, limit)),
    enqueue: (table, keys) =>
      ours(async () => mode.enqueue(place, (await sourceIds(client, place))(table), keys)),
    compact: (token, limit, part) => ours(() => mode.compact(place, token, limit, part)),
    lag: () => ours(() => lag(place)),
    waiting: () => ours(() => waiting(place)),
    pending: (table, keys) => ours(() => pending(place, table, keys)),
    barrier: (tables) =>
      barrier(
        client,
        tables.map(({ name }) => name),
      ),
  }
}

async function readLog(
  place: Place,
  limit: number,
  except?: ReadonlySet<string>,
): Promise<readonly Change[]> {
  const rows = await logRows(place, limit, { except })
  // Most rows of a batch share a few masks; one set for each
  type Sets = Map<readonly bigint[], ReadonlySet<string> | null>
  const known = new Map<SourceRow, Sets>()
  const columns = ({ kind, source, words }: LogRow): ReadonlySet<string> | null => {
    // The bits of a table as it was before may mean other columns now
    if (kind !== 'update' || source.state === 'retired') return null
    let sets = known.get(source)
    if (sets === undefined) known.set(source, (sets = new Map() as Sets))
    let set = sets.get(words)
    if (set === undefined) sets.set(words, (set = changedColumns(source.bits, words)))
    return set
  }
  return rows.map((row) => ({
    seq: row.seq,
    table: row.source.table,
    kind: row.kind,
    key: row.key,
    columns: columns(row),
  }))
}

async function lag(place: Place): Promise<Lag> {
  const sources = (await captured(place.client, place)).map(({ sourceId }) => sourceId).join(', ')
  const [row] = await place.client.select(`\
SELECT COUNT(*), COALESCE(TIMESTAMPDIFF(MICROSECOND, MIN(time_field), UTC_TIMESTAMP(6)), 0) / 1e6,
  (SELECT COUNT(*) FROM ${place.at('longhaul_dead')} WHERE source_id IN (${sources})),
  (SELECT token FROM ${place.at('longhaul_lease')} WHERE unit_id = ${place.unit})
FROM ${place.at('longhaul_log')} WHERE source_id IN (${sources})`)
  const [changes = 0, seconds = 0, dead = 0, token = 0] = (row ?? []).map(Number)
  return { changes, seconds: Math.max(0, seconds), dead, token }
}

/** Two keys of one checksum count as one, which some thousandths do. */
async function waiting(place: Place): Promise<number> {
  const sources = (await captured(place.client, place)).map(({ sourceId }) => sourceId).join(', ')
  const [row] = await place.client.select(`\
SELECT COUNT(DISTINCT source_id, CRC32(key_field))
FROM ${place.at('longhaul_log')} WHERE source_id IN (${sources})`)
  return Number(row?.[0] ?? 0)
}

async function pending(
  place: Place,
  table: string,
  keys: readonly KeyText[],
): Promise<ReadonlySet<KeyText>> {
  const sources = (await captured(place.client, place))
    .filter((source) => source.table === table)
    .map(({ sourceId }) => sourceId)
  const found = new Set<KeyText>()
  for (const some of chunked(keys, AT_ONCE)) {
    const rows = await place.client.select(`\
SELECT DISTINCT key_field FROM ${place.at('longhaul_log')}
WHERE source_id IN (${sources.join(', ')}) AND key_field IN (${some.map(textBytes).join(', ')})`)
    for (const [key] of rows) found.add(key ?? '')
  }
  return found
}
