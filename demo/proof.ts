import { createHash } from 'node:crypto'
import { certificateText } from '../cli/certificate-text.ts'
import type { Certificate, CertifiedTable } from '../model/project.ts'
import { compareTable, type Comparison, type HexRow } from './compare.ts'
import { PLAYS } from './database.ts'
import { FAULTS, PLANTED, plantedKeys } from './plant.ts'
import type { Migration } from './run.ts'
import { count, plural, stopwatch } from './text.ts'

/** Compares every table, as the witness reads it, with MySQL. */
export async function compareAll(run: Migration): Promise<ReadonlyMap<string, Comparison>> {
  const { screen, database, servers, options, signal } = run
  screen.say('\nWitness: every cell, read with HBase’s own Java client and compared with MySQL')
  const took = stopwatch()
  const results = new Map<string, Comparison>()
  const board = screen.board([{ name: `${PLAYS} compared`, total: options.rows }])
  const samples: string[] = []
  try {
    for (const table of database.tables) {
      signal.throwIfAborted()
      const how = { source: database.admin, witness: servers.witness }
      const progress = (rows: number): void => board.set(`${PLAYS} compared`, rows)
      const look = (row: HexRow): void => {
        if (worthShowing(table, row, samples.length)) samples.push(shown(table, row))
      }
      results.set(
        table,
        await compareTable(
          table,
          table === PLAYS
            ? { ...how, progress, look }
            : { ...how, progress: () => undefined, look },
        ),
      )
    }
  } finally {
    board.close()
  }
  screen.say(
    `  ${plural(results.size, 'table')} read and compared in ${took()}; some rows as the witness reads them:`,
  )
  for (const sample of samples) screen.say(sample)
  return results
}

const text = (hex: string): string => Buffer.from(hex, 'hex').toString('utf8')

/** The rows that were corrected, and one with all kinds of characters and a key of two parts. */
const worthShowing = (table: string, { key, cells }: HexRow, shownBefore: number): boolean =>
  table === PLANTED
    ? plantedKeys.includes(text(key))
    : table === PLAYS && shownBefore === 0 && text(cells.get('Remark') ?? '').includes('🎧')

/** A row as the witness reads it. */
const shown = (table: string, { key, cells }: HexRow): string =>
  [
    `  shop:${table} ${text(key)}`,
    ...[...cells].map(([name, hex]) =>
      name === 'Fingerprint' ? `${name}=0x${hex}` : `${name}=${text(hex)}`,
    ),
  ].join('  ')

/** Prints certificate and verdict, last of all. False unless both say that every cell is equal. */
export function conclude(
  { screen }: Migration,
  certificate: Certificate | null,
  compared: ReadonlyMap<string, Comparison>,
): boolean {
  if (certificate === null) {
    screen.say('\nThere is no certificate.')
    return false
  }
  screen.say(`\n${certificateText(certificate)}\n`)
  const complaints = [...complaintsAbout(certificate, compared)]
  for (const complaint of complaints) screen.say(complaint)
  const sum = (what: 'rows' | 'cells'): number =>
    [...compared.values()].reduce((total, one) => total + one[what], 0)
  const seen = `${plural(compared.size, 'table')}, ${count(sum('rows'))} rows, ${count(sum('cells'))} cells`
  screen.say(
    complaints.length === 0
      ? `The witness agrees: ${seen} compared one by one, 0 differ.`
      : `The witness does not agree: ${seen} compared, ${plural(complaints.length, 'complaint')}.`,
  )
  return complaints.length === 0
}

/** Everything in which certificate and witness are not of one opinion. */
function* complaintsAbout(
  certificate: Certificate,
  compared: ReadonlyMap<string, Comparison>,
): Generator<string> {
  const { digest, ...content } = certificate
  if (digest !== sha256(canonical(content))) yield 'The digest is not that of the certificate.'
  if (!certificate.clean) yield 'The certificate is not clean.'
  const found = certificate.tables.find(({ name }) => name === PLANTED)?.differencesFound ?? 0
  if (found < FAULTS) yield `Of ${FAULTS} faults made by hand ${count(found)} were found.`
  for (const [table, seen] of compared)
    yield* complaintsAboutTable(
      table,
      seen,
      certificate.tables.find(({ name }) => name === table),
    )
}

function* complaintsAboutTable(
  table: string,
  seen: Comparison,
  said: CertifiedTable | undefined,
): Generator<string> {
  yield* seen.examples
  if (seen.differences > seen.examples.length)
    yield `${table}: ${count(seen.differences)} differences in all`
  if (said === undefined) yield `${table} is not in the certificate`
  else if (said.rows !== seen.rows || said.cells !== seen.cells)
    yield `${table} has ${count(seen.rows)} rows and ${count(seen.cells)} cells; the certificate says ${count(said.rows)} and ${count(said.cells)}`
}

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')

/** JSON with the names of every object in order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
