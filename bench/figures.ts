import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import prettier from 'prettier'

const RESULTS = fileURLToPath(new URL('results/', import.meta.url))

/** One figure of both sides. */
export interface Both<T> {
  readonly ours: T
  readonly theirs: T
}

/** A ratio, ours to theirs, of every pair. */
export interface Ratio {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

export interface Figure {
  readonly what: string
  readonly ours: number
  readonly theirs: number
  readonly ratio: Ratio
  readonly goal?: Goal
}

/** Of the ratio, but `mostMb` of our own figure. */
export interface Goal {
  readonly most?: number
  readonly least?: number
  readonly mostMb?: number
}

export type Figures = Readonly<Record<string, Figure>>

/** The medians of both sides, and of the ratios of the pairs. */
export function figure(what: string, pairs: readonly Both<number>[], goal?: Goal): Figure {
  const ratios = pairs.map(({ ours, theirs }) => ours / theirs)
  const plain = {
    what,
    ours: median(pairs.map(({ ours }) => ours)),
    theirs: median(pairs.map(({ theirs }) => theirs)),
    ratio: {
      median: median(ratios),
      lowest: Math.min(...ratios),
      highest: Math.max(...ratios),
    },
  }
  return goal === undefined ? plain : { ...plain, goal }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2
}

/** Undefined when no goal is set. */
export function isMet({ ours, ratio, goal }: Figure): boolean | undefined {
  if (goal === undefined) return undefined
  if (goal.mostMb !== undefined) return ours <= goal.mostMb
  return ratio.median <= (goal.most ?? Infinity) && ratio.median >= (goal.least ?? -Infinity)
}

/** `peer` names the other side. */
export function markdownOf(figures: Figures, peer = 'peer'): string {
  const rows = Object.values(figures).map((one) => {
    const { median: middle, lowest, highest } = one.ratio
    // Nothing is so many times 0
    const spread = Number.isFinite(middle)
      ? `${round(middle)} (${round(lowest)} – ${round(highest)})`
      : ''
    return `| ${one.what} | ${round(one.ours)} | ${round(one.theirs)} | ${spread} | ${goalOf(one)} |`
  })
  return [
    `| | longhaul | ${peer} | ratio (lowest – highest) | goal |`,
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

function goalOf(one: Figure): string {
  const { goal } = one
  if (goal === undefined) return ''
  const { most, least = 0, mostMb } = goal
  const wanted = most === undefined ? `at least ${least}` : `at most ${most}`
  const text = mostMb === undefined ? wanted : `ours at most ${mostMb} MB`
  return `${text}: ${isMet(one) === true ? 'met' : 'not met'}`
}

export const round = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : value.toPrecision(3).replace(/\.?0+$/, '')

/** Of every figure its ratio, and whether it is met; what the last line of a benchmark prints. */
export const ratiosOf = (all: Figures): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(all).map(([name, one]) => [
      name,
      { ...one.ratio, ...(isMet(one) === undefined ? {} : { met: isMet(one) }) },
    ]),
  )

/** Writes a page and its figures into bench/results. */
export async function saveResults(name: string, page: string, data: unknown): Promise<void> {
  const files = { [`${name}.md`]: page, [`${name}.json`]: JSON.stringify(data) }
  for (const [file, content] of Object.entries(files)) {
    const filepath = join(RESULTS, file)
    const style = await prettier.resolveConfig(filepath)
    await saveFile(file, await prettier.format(content, { ...style, filepath }))
  }
}

/** Writes a file into bench/results. */
export async function saveFile(name: string, content: string): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  await writeFile(join(RESULTS, name), content)
}
