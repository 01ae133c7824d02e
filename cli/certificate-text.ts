import type { CertifiedTable, Certificate } from '../model/project.ts'
import { chanceOf, noticedFrom, proofOf } from '../model/sample.ts'
import { columns, count, instant, plural } from './numbers.ts'

const HEAD = ['table', 'from', 'to', 'rows', 'cells', 'digest', 'found', 'corrected', 'verdict']

/** A certificate for people: what was read, what was found, and against which servers. */
export const certificateText = (certificate: Certificate): string =>
  [
    `Certificate of ${certificate.project}: ${verdict(certificate)}`,
    `Issued ${instant(certificate.issuedAt)}; SHA-256 ${certificate.digest}`,
    sealLine(certificate),
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

/** What keeps others from changing it. */
const sealLine = ({ signature }: Certificate): string =>
  signature === undefined
    ? 'Not signed: the SHA-256 alone guards it (certificate.signingKey in the connections file)'
    : `Signed (${signature.algorithm}) with the key ${signature.publicKey}`

/** One line that says whether every row was found equal. */
export function verdict({ clean, tables }: Certificate): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  const unclean = tables.filter((table) => !table.clean).map(({ name }) => name)
  const partly = tables.filter(({ mode }) => proofOf(mode) !== 'full').map(({ name }) => name)
  if (clean) return `${plural(rows, 'row')} of ${plural(tables.length, 'table')}, every cell equal`
  if (unclean.length > 0) return `rows differ in ${unclean.join(', ')}`
  if (partly.length === 0) return 'not clean'
  return `NOT A PROOF that every cell is equal: of ${partly.join(', ')} only a part was compared. Nothing differs in it`
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
  table.clean ? EQUAL[proofOf(table.mode)] : 'DIFFERENT',
]

const EQUAL = { full: 'equal', sample: 'sample only', count: 'count only' } as const

const evidence = ({
  name,
  covered,
  tokens: [loaded, newest],
  ...table
}: CertifiedTable): string[] => [
  `${name}: ${covered}; ${compared(table)}; verified ${instant(table.verifiedAt)}`,
  `  versions ${loaded} (loaded) to ${newest} (newest), schema ${short(table.schemaHash)}`,
]

const COMPARED = {
  points: 'compared cell by cell',
  buckets: 'compared by sums of SHA-256, cell by cell where these differed',
  sample: 'some rows, cell by cell',
  count:
    'which keys are there, by count and sums of SHA-256; what is in the rows was not looked at',
} as const

const compared = ({ mode, sample }: Pick<CertifiedTable, 'mode' | 'sample'>): string =>
  mode === 'sample' && sample !== undefined
    ? `cell by cell, each row with a chance of ${percent(sample.part)} (seed ${sample.seed}): ${chances(sample.part)}`
    : COMPARED[mode]

/** What such a sample would have noticed. */
const chances = (part: number): string =>
  part === 1
    ? 'that is, every row'
    : `it would notice 1 wrong row with ${percent(chanceOf(part, 1))}, 100 with ${percent(chanceOf(part, 100))}, ${count(noticedFrom(part, 0.99))} with 99 %`

const percent = (part: number): string => `${Number((part * 100).toPrecision(3))} %`

const short = (hash: string): string => hash.slice(0, 12)
