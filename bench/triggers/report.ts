import { CHANGES, type ChangeKind, type Costs } from './cost.ts'
import type { Deadlocks } from './deadlocks.ts'
import { VARIANTS, type Variant } from './variants.ts'

export interface Measured {
  readonly product: string
  readonly width: number
  readonly costs: Costs
  readonly deadlocks: readonly (Deadlocks & {
    readonly isolation: string
    readonly variant: Variant
  })[]
}

type Cells = readonly string[]

const CAPTURES = VARIANTS.filter((variant) => variant !== 'none')

const costOf = ({ costs }: Measured, variant: Variant, kind: ChangeKind): number =>
  costs.get(variant)?.[kind] ?? NaN

const added = (one: Measured, variant: Variant, kind: ChangeKind): number =>
  costOf(one, variant, kind) - costOf(one, 'none', kind)

const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(1)}`

export const costRows = (measured: readonly Measured[]): readonly Cells[] =>
  measured.flatMap((one) =>
    CHANGES.map((kind) => [
      `${one.product}, ${one.width} columns, ${kind}`,
      costOf(one, 'none', kind).toFixed(1),
      ...CAPTURES.map((variant) => signed(added(one, variant, kind))),
      (added(one, 'append', kind) / added(one, 'seed', kind)).toFixed(2),
    ]),
  )

export const deadlockRows = (measured: readonly Measured[]): readonly Cells[] =>
  measured.flatMap(({ product, deadlocks }) =>
    [...new Set(deadlocks.map(({ isolation }) => isolation))].map((level) => [
      `${product}, ${level}`,
      ...VARIANTS.map((variant) => {
        const found = deadlocks.find((one) => one.isolation === level && one.variant === variant)
        return found === undefined ? '' : `${found.deadlocks} of ${found.transactions}`
      }),
    ]),
  )

/** What append costs by what the paper's triggers cost, and the deadlocks in append mode. */
export const ratiosOf = (measured: readonly Measured[]): Readonly<Record<string, number>> => ({
  ...Object.fromEntries(
    measured.flatMap((one) =>
      CHANGES.map((kind) => [
        `${one.product} ${one.width} ${kind}`,
        Number((added(one, 'append', kind) / added(one, 'seed', kind)).toFixed(2)),
      ]),
    ),
  ),
  deadlocks: measured
    .flatMap(({ deadlocks }) => deadlocks)
    .filter(({ variant }) => variant === 'append')
    .reduce((sum, { deadlocks }) => sum + deadlocks, 0),
})

export const pageOf = (
  measured: readonly Measured[],
  how: {
    readonly rows: number
    readonly rounds: number
    readonly seconds: number
    readonly circumstances: string
  },
): string => `# What capture adds to the application's writes

\`npm run bench:triggers\`: microseconds per row in statements of ${how.rows} rows, the fastest of ${how.rounds} in turns,
each taken back. _Paper_: the triggers longhaul's descend from, word for word, with a plain index on what they look up.
${how.circumstances}.

${tableOf(['', 'without', ...CAPTURES.map(shown), 'append / paper'], costRows(measured))}

Deadlocks that eight writers of one to four statements met in ${how.seconds} s, keys in order, 200 rows that all of them update, no REPLACE:

${tableOf(['', ...VARIANTS.map(shown)], deadlockRows(measured))}
`

const shown = (variant: Variant): string =>
  ({ none: 'without', append: 'append', dedupe: 'dedupe', seed: 'paper' })[variant]

const tableOf = (head: Cells, rows: readonly Cells[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
