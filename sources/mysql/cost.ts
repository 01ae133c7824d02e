import { SyncError } from '../../model/errors.ts'
import type { CaptureCost } from '../../model/cost.ts'
import type { TableSchema } from '../../model/table.ts'
import type { Session } from './client.ts'
import { createObjects, neededWords, widenLog } from './install.ts'
import { holdInstallLock } from './locks.ts'
import { modeOf } from './log/index.ts'
import { literal, qualified, quote, splitName } from './names.ts'
import type { Place } from './project.ts'
import { dropSchema, dropTrial } from './remove.ts'
import { createTrigger, definerOf, triggersOf, TRIGGER_SESSION } from './triggers.ts'
import { TRIAL_TABLES } from './tables.ts'

/** Rows that are copied; fewer when the table has fewer. */
const ROWS = 2_000
/** Each is measured so many times on both copies, in turns; the fastest counts, since others only wait more. */
const ROUNDS = 7
/** No table is captured under this number. */
const TRIAL_ID = 0

const [SAMPLE, PLAIN, LOGGED] = TRIAL_TABLES

/**
 * What the triggers add to each changed row: some rows are copied into two tables of ours like this one, one of
 * them with its triggers, and inserted, updated and deleted there in turns. All that is logged is taken back.
 */
export const costOf = (place: Place, table: TableSchema): Promise<CaptureCost> =>
  place.client.dedicated(async (session) => {
    await holdInstallLock(session, place.client.options.schema)
    await session.run(TRIGGER_SESSION)
    try {
      await createObjects(session, place)
      await widenLog(session, place, neededWords(table))
      return await measured(session, place, table)
    } finally {
      await dropTrial(session, place)
      await dropSchema(session, place)
    }
  })

async function measured(session: Session, place: Place, table: TableSchema): Promise<CaptureCost> {
  const columns = await writable(session, table.name)
  const list = listOf(columns)
  await dropTrial(session, place)
  for (const name of TRIAL_TABLES)
    await session.run(`CREATE TABLE ${place.at(name)} LIKE ${qualified(table.name)}`, table.name)
  const { affected: rows } = await session.run(
    `INSERT INTO ${place.at(SAMPLE)} (${list}) SELECT ${list} FROM ${qualified(table.name)} LIMIT ${ROWS}`,
    table.name,
  )
  if (rows === 0) return { rows, insert: null, update: null, delete: null }
  await createTriggers(session, place, table)
  const column = await changeable(session, place, columns)
  const best = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++)
    for (const name of round % 2 === 0 ? [PLAIN, LOGGED] : [LOGGED, PLAIN]) {
      await session.run('START TRANSACTION')
      const steps = {
        insert: copying(place, name, columns),
        ...(column === null ? {} : { update: changing(place, name, column) }),
        delete: `DELETE FROM ${place.at(name)}`,
      }
      for (const [step, sql] of Object.entries(steps)) {
        const took = await microsecondsPerRow(session, sql)
        best.set(`${step} ${name}`, Math.min(took, best.get(`${step} ${name}`) ?? Infinity))
      }
      await session.run('ROLLBACK')
    }
  const added = (step: string): CaptureCost['insert'] => {
    const [plain, logged] = [best.get(`${step} ${PLAIN}`), best.get(`${step} ${LOGGED}`)]
    return plain === undefined || logged === undefined ? null : { plain, added: logged - plain }
  }
  return { rows, insert: added('insert'), update: added('update'), delete: added('delete') }
}

async function createTriggers(session: Session, place: Place, table: TableSchema): Promise<void> {
  const { schema, definer } = place.client.options
  const captured = {
    sourceId: TRIAL_ID,
    table: { ...table, name: `${schema}.${LOGGED}` },
    bits: table.columns.map(({ name }) => name),
    words: neededWords(table),
  }
  for (const trigger of triggersOf(captured, schema, modeOf(place.client)))
    await session.run(createTrigger(trigger, definerOf(definer)), table.name)
}

async function microsecondsPerRow(session: Session, sql: string): Promise<number> {
  const began = performance.now()
  const { affected } = await session.run(sql)
  return ((performance.now() - began) * 1000) / Math.max(1, affected)
}

interface Writable {
  readonly name: string
  /** It is in no index, so that any value may be written. */
  readonly free: boolean
}

/** The columns an INSERT may name: not those the server works out, but those it does not show. */
async function writable(session: Session, table: string): Promise<readonly Writable[]> {
  const { database, name } = splitName(table)
  const rows = await session.select(`\
SELECT COLUMN_NAME, COLUMN_KEY, DATA_TYPE FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)}
  AND EXTRA NOT LIKE '%STORED GENERATED%' AND EXTRA NOT LIKE '%VIRTUAL GENERATED%'
ORDER BY ORDINAL_POSITION`)
  return rows.map(([column, key, type]) => ({
    name: column ?? '',
    free: key === '' && !UNORDERED.test(type ?? ''),
  }))
}

/** Types that have no largest value. */
const UNORDERED = /json|geom|point|linestring|polygon|vector/

/** A column whose largest value is another one than that of most rows. */
async function changeable(
  session: Session,
  place: Place,
  columns: readonly Writable[],
): Promise<string | null> {
  const free = columns.filter((column) => column.free).map(({ name }) => name)
  if (free.length === 0) return null
  const counts = free.map((name) => `COUNT(DISTINCT ${quote(name)})`).join(', ')
  const [row = []] = await session.select(`SELECT ${counts} FROM ${place.at(SAMPLE)}`)
  const most = Math.max(...row.map(Number))
  const column = most < 2 ? undefined : free[row.map(Number).indexOf(most)]
  if (column === undefined) return null
  await session.run('START TRANSACTION')
  try {
    await session.run(copying(place, PLAIN, columns))
    await session.run(changing(place, PLAIN, column))
    return column
  } catch (error) {
    // A CHECK of the table may not let it have that value
    if (error instanceof SyncError && error.code === 'SOURCE_FAILED') return null
    throw error
  } finally {
    await session.run('ROLLBACK')
  }
}

const copying = (place: Place, name: string, columns: readonly Writable[]): string => {
  const list = listOf(columns)
  return `INSERT INTO ${place.at(name)} (${list}) SELECT ${list} FROM ${place.at(SAMPLE)}`
}

const listOf = (columns: readonly Writable[]): string =>
  columns.map(({ name }) => quote(name)).join(', ')

const changing = (place: Place, name: string, column: string): string => {
  const one = quote(column)
  return `UPDATE ${place.at(name)} SET ${one} = (SELECT MAX(${one}) FROM ${place.at(SAMPLE)})`
}
