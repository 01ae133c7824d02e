import type { CertifiedTable, Certificate } from '../model/project.ts'
import { columns, count, instant, plural } from './numbers.ts'

const HEAD = ['table', 'from', 'to', 'rows', 'cells', 'digest', 'found', 'corrected', 'verdict']

/** A certificate for people: what was read, what was found, and against which servers. */
export const certificateText = (certificate: Certificate): string =>
  [
    `Certificate of ${certificate.project}: ${verdict(certificate)}`,
    `Issued ${instant(certificate.issuedAt)}; SHA-256 ${certificate.digest}`,
    '',
    ...columns([HEAD, ...certificate.tables.map(row)]),
    '',
    ...certificate.tables.flatMap(evidence),
    '',
    ...Object.entries(certificate.servers).map(([name, server]) => `${name} is ${server}.`),
    certificate.deadLetters === 0
      ? 'No row is left that could not be written.'
      : `${plural(certificate.deadLetters, 'row')} could not be written.`,
  ].join('\n')

/** One line that says whether every row was found equal. */
export function verdict({ clean, tables }: Certificate): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  const unclean = tables.filter((table) => !table.clean).map(({ name }) => name)
  if (clean) return `${plural(rows, 'row')} of ${plural(tables.length, 'table')}, every cell equal`
  return unclean.length === 0 ? 'not clean' : `rows differ in ${unclean.join(', ')}`
}

const row = (table: CertifiedTable): string[] => [
  table.name,
  table.from,
  table.to,
  count(table.rows),
  count(table.cells),
  short(table.digest),
  count(table.differencesFound),
  count(table.differencesCorrected),
  table.clean ? 'equal' : 'DIFFERENT',
]

const evidence = ({
  name,
  covered,
  tokens: [loaded, newest],
  ...table
}: CertifiedTable): string[] => [
  `${name}: ${covered}; ${COMPARED[table.mode]}; verified ${instant(table.verifiedAt)}`,
  `  versions ${loaded} (loaded) to ${newest} (newest), schema ${short(table.schemaHash)}`,
]

const COMPARED = {
  points: 'compared cell by cell',
  buckets: 'compared by sums of SHA-256, cell by cell where these differed',
} as const

const short = (hash: string): string => hash.slice(0, 12)
