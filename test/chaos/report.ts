import { FAULTS } from './fault-plan.ts'
import type { FaultKind } from './fault-plan.ts'
import { PRODUCTS } from './plan.ts'
import { isGreen } from './series.ts'
import type { Result } from './series.ts'

const sum = (results: readonly Result[], of: (result: Result) => number): number =>
  results.reduce((all, result) => all + of(result), 0)

const LINES: readonly (readonly [string, (results: readonly Result[]) => number | string])[] = [
  ['runs', (results) => results.length],
  ['green', (results) => results.filter(isGreen).length],
  ['statements of eight writers', (results) => sum(results, ({ statements }) => statements)],
  ['refused: deadlocks, duplicates', (results) => sum(results, ({ refused }) => refused)],
  ['connections that broke', (results) => sum(results, ({ broken }) => broken)],
  ...(Object.keys(FAULTS) as FaultKind[]).map(
    (kind) =>
      [
        kind,
        (results: readonly Result[]) =>
          sum(results, ({ faults }) => faults.filter((one) => one === kind).length),
      ] as const,
  ),
  ['rows compared at the end', (results) => sum(results, ({ verdict }) => verdict?.rows ?? 0)],
  ['cells compared', (results) => sum(results, ({ verdict }) => verdict?.cells ?? 0)],
  ['lost', (results) => sum(results, ({ verdict }) => verdict?.lost ?? 0)],
  ['extra', (results) => sum(results, ({ verdict }) => verdict?.extra ?? 0)],
  [
    'seconds per run',
    (results) => Math.round(sum(results, ({ seconds }) => seconds) / results.length),
  ],
]

/** What a series has shown, a column for each database, as the table of docs/what-if.md. */
export function formatResults(results: readonly Result[]): string {
  const columns = PRODUCTS.map((product) => ({
    product,
    own: results.filter(({ database }) => database === product),
  })).filter(({ own }) => own.length > 0)
  const cell = (value: number | string): string =>
    (typeof value === 'number' ? value.toLocaleString('en') : value).padStart(10)
  return [
    ['', ...columns.map(({ product }) => product)],
    ['-', ...columns.map(() => '-:')],
    ...LINES.map(([name, of]) => [name, ...columns.map(({ own }) => of(own))]),
  ]
    .map(
      ([name = '', ...values]) =>
        `| ${String(name).padEnd(32)} | ${values.map(cell).join(' | ')} |`,
    )
    .join('\n')
}
