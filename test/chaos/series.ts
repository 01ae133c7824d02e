import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { planOf, USUAL } from './plan.ts'
import type { Plan, Product, Size } from './plan.ts'
import { runOnce } from './run.ts'
import type { Outcome } from './run.ts'
import type { Servers } from './servers.ts'

/** One line of the file of results. */
export interface Result extends Outcome {
  readonly database: Product
  /** Of the plan: a seed means another one when the drawing has changed. */
  readonly digest: string
  readonly plan: Pick<Plan, 'log' | 'codec' | 'verify'> & { readonly tables: number }
}

export interface Series {
  readonly servers: Servers
  readonly seeds: readonly number[]
  readonly size?: Size
  /** Where each run leaves its files, until it is green. */
  readonly folder: string
  /** Results are appended here; a seed that is green there already is not run again. */
  readonly results?: string
  readonly say: (line: string) => void
  /** Ends the series when a run has lost something. */
  readonly untilLost?: boolean
}

/** Runs one seed after the other; returns the results of all of them, those of earlier calls too. */
export async function runSeries(series: Series): Promise<readonly Result[]> {
  const { servers, seeds, size = USUAL, folder, results, say } = series
  const database = servers.product
  const known = new Map(
    resultsIn(results)
      .filter((result) => result.database === database && isGreen(result))
      .map((result) => [`${result.seed} ${result.digest}`, result]),
  )
  const all: Result[] = []
  for (const seed of seeds) {
    const plan = planOf(seed, size)
    const digest = digestOf(plan)
    const before = known.get(`${seed} ${digest}`)
    if (before !== undefined) {
      all.push(before)
      continue
    }
    const own = join(folder, `${database}-${seed}`)
    mkdirSync(own, { recursive: true })
    writeFileSync(join(own, 'plan.json'), JSON.stringify(plan, null, 2))
    const began = performance.now()
    const happened: string[] = []
    const log = (line: string): void => {
      happened.push(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`)
      writeFileSync(join(own, 'run.log'), `${happened.join('\n')}\n`)
    }
    const outcome = await runOnce({ plan, servers, folder: own, log })
    const { log: mode, codec, verify, tables } = plan
    const result: Result = {
      database,
      digest,
      ...outcome,
      plan: { log: mode, codec, verify, tables: tables.length },
    }
    all.push(result)
    if (results !== undefined) append(results, result)
    say(lineOf(result))
    if (isGreen(result)) rmSync(own, { recursive: true, force: true })
    else {
      for (const line of [...happened, ...outcome.wrong]) say(`  ${line}`)
      say(`  ${plan.faults.map((fault) => JSON.stringify(fault)).join('\n  ')}`)
      say(`  its plan and logs: ${own}`)
      say(`  again: npm run chaos -- --database ${database} --runs 1 --seed ${seed}`)
      if (series.untilLost === true && hasLost(result)) break
    }
  }
  return all
}

const digestOf = (plan: Plan): string =>
  createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 12)

export const isGreen = ({ wrong }: Outcome): boolean => wrong.length === 0

/** Red for the reason that counts: the product's own verification or HBase's own client saw a difference. */
export const hasLost = ({ verdict, wrong }: Outcome): boolean =>
  (verdict !== null && verdict.lost + verdict.extra > 0) ||
  wrong.some((line) => /verification found|rows differ/.test(line))

export function resultsIn(file: string | undefined): readonly Result[] {
  if (file === undefined || !existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as Result)
}

/** Written at once: what a run has shown outlives a runner that is killed. */
function append(file: string, result: Result): void {
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify(result)}\n`)
}

function lineOf(result: Result): string {
  const { seed, plan, statements, faults, verdict, seconds } = result
  const { log, verify, codec, tables } = plan
  return [
    `seed ${String(seed).padEnd(6)}`,
    `${log}, ${verify}, ${codec}, ${tables} tables`.padEnd(36),
    `${statements.toLocaleString('en')} statements`.padStart(18),
    `${(verdict?.rows ?? 0).toLocaleString('en')} rows`.padStart(11),
    `${seconds.toFixed(0)} s`.padStart(6),
    ` ${isGreen(result) ? 'green' : 'RED  '}`,
    ` ${faults.join(', ')}`,
  ].join(' ')
}
