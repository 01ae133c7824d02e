import type { Witness, WitnessCell } from '../../services/index.ts'
import type { Finding, Ledger } from './ledger.ts'
import { rowOf } from './rows.ts'
import type { Value } from './rows.ts'

export interface Verdict {
  readonly rows: number
  readonly lost: number
  readonly extra: number
  readonly misplaced: number
  /** Some of what was found, for people. */
  readonly examples: readonly string[]
}

const MOST_EXAMPLES = 10

/** Compares whole tables, read by HBase's own client, with what was acknowledged. */
export async function judge(witness: Witness, ledgers: readonly Ledger[]): Promise<Verdict> {
  const findings: Finding[] = []
  let rows = 0
  for (const ledger of ledgers) {
    const { table, rows: most } = ledger.place
    const seen = new Uint8Array(most)
    for await (const { key, values } of rowsOf(witness.dump(table))) {
      rows++
      const row = rowOf(key)
      if (row === undefined || row >= most) {
        findings.push({ kind: 'misplaced', text: `${table}: ${key} is no row of the suite` })
        continue
      }
      if (seen[row] === 1) push(findings, table, { kind: 'extra', text: `${key} comes twice` })
      seen[row] = 1
      push(findings, table, ledger.judge(row, values))
    }
    for (let row = 0; row < most; row++) {
      if (seen[row] === 0) push(findings, table, ledger.judge(row, []))
    }
  }
  const count = (kind: Finding['kind']): number =>
    findings.filter((finding) => finding.kind === kind).length
  return {
    rows,
    lost: count('lost'),
    extra: count('extra'),
    misplaced: count('misplaced'),
    examples: findings.slice(0, MOST_EXAMPLES).map(({ kind, text }) => `${kind}: ${text}`),
  }
}

function push(findings: Finding[], table: string, finding: Finding | undefined): void {
  if (finding !== undefined) findings.push({ ...finding, text: `${table}: ${finding.text}` })
}

async function* rowsOf(cells: AsyncIterable<WitnessCell>) {
  let current: { readonly key: string; readonly values: Value[] } | undefined
  for await (const cell of cells) {
    const key = fromHex(cell.row)
    if (current?.key !== key) {
      if (current !== undefined) yield current
      current = { key, values: [] }
    }
    const { timestamp } = cell
    current.values.push({ column: fromHex(cell.qualifier), timestamp, text: fromHex(cell.value) })
  }
  if (current !== undefined) yield current
}

const fromHex = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1')
