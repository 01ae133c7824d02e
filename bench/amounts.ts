import { median, round } from './figures.ts'

/** A figure of longhaul alone: the median of several times, and a goal. */
export interface Amount {
  readonly what: string
  readonly median: number
  readonly lowest: number
  readonly highest: number
  readonly goal?: AmountGoal
}

export interface AmountGoal {
  readonly least?: number
  readonly most?: number
}

export type Amounts = Readonly<Record<string, Amount>>

export function amount(what: string, values: readonly number[], goal?: AmountGoal): Amount {
  const plain = {
    what,
    median: median(values),
    lowest: Math.min(...values),
    highest: Math.max(...values),
  }
  return goal === undefined ? plain : { ...plain, goal }
}

/** Undefined when no goal is set. */
export function isReached({ median, goal }: Amount): boolean | undefined {
  if (goal === undefined) return undefined
  return median <= (goal.most ?? Infinity) && median >= (goal.least ?? -Infinity)
}

export const amountsTable = (all: Amounts): string =>
  ['| | longhaul | lowest – highest | goal |', '| --- | --- | --- | --- |']
    .concat(
      Object.values(all).map(
        (one) =>
          `| ${one.what} | ${round(one.median)} | ${round(one.lowest)} – ${round(one.highest)} | ${goalOf(one)} |`,
      ),
    )
    .join('\n')

function goalOf(one: Amount): string {
  const { goal } = one
  if (goal === undefined) return ''
  const { least, most } = goal
  const parts = [
    ...(least === undefined ? [] : [`at least ${least}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
  ]
  return `${parts.join(', ')}: ${isReached(one) === true ? 'met' : 'not met'}`
}

/** What the last line of a benchmark prints. */
export const medians = (all: Amounts): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(all).map(([name, one]) => {
      const { median, lowest, highest } = one
      const met = isReached(one)
      return [name, { median, lowest, highest, ...(met === undefined ? {} : { met }) }]
    }),
  )
