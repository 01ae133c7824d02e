import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startCluster } from '../../services/index.ts'
import type { ClusterVariant } from '../../services/index.ts'
import { formatReports } from './report.ts'
import { runOnce } from './run.ts'
import type { Report } from './run.ts'

const USAGE = `npm run test:faults -- [--runs 2] [--seed 1] [--mutations 1000000] [--variant servers|hdfs|both]
  run i has the seed (seed + i - 1); "both" runs the first half on local files and the rest on HDFS,
  the only variant that stops a server. Exit code 0 when every run is green, 1 when not, 2 for usage.`

const MOST_LINES = 30

interface Plan {
  readonly seeds: readonly number[]
  readonly mutations: number
  readonly variants: readonly ClusterVariant[]
}

function parsePlan(): Plan {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
      mutations: { type: 'string', default: '1000000' },
      variant: { type: 'string', default: 'both' },
    },
  })
  const whole = (text: string): number => {
    if (!/^\d{1,9}$/.test(text)) throw new Error(`"${text}" is not a whole number.`)
    return Number(text)
  }
  const { variant } = values
  if (variant !== 'servers' && variant !== 'hdfs' && variant !== 'both') {
    throw new Error(`"${variant}" is no variant.`)
  }
  const runs = whole(values.runs)
  return {
    seeds: Array.from({ length: runs }, (_, i) => whole(values.seed) + i),
    mutations: whole(values.mutations),
    variants: Array.from({ length: runs }, (_, i) =>
      variant === 'both' ? (i < runs / 2 ? 'servers' : 'hdfs') : variant,
    ),
  }
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** Each run has a cluster of its own: what one of them leaves behind is not the next one's trouble. */
async function runWithCluster(
  seed: number,
  variant: ClusterVariant,
  mutations: number,
): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'longhaul-faults-'))
  const log = (line: string): void => say(`seed ${seed}: ${line}`)
  const cluster = await startCluster({ variant, folder, log })
  let green = false
  try {
    const report = await runOnce({ seed, mutations, cluster, log })
    green = report.wrong.length === 0
    return report
  } finally {
    await cluster.stop()
    if (green) rmSync(folder, { recursive: true, force: true })
    else say(`seed ${seed}: the servers' logs are kept in ${folder}`)
  }
}

async function main({ seeds, mutations, variants }: Plan): Promise<void> {
  const reports: Report[] = []
  for (const [i, seed] of seeds.entries()) {
    const report = await runWithCluster(seed, variants[i] ?? 'servers', mutations)
    reports.push(report)
    for (const line of report.wrong.slice(0, MOST_LINES)) say(`seed ${seed}: ${line}`)
    say(formatReports(reports))
  }
  process.exitCode = reports.every(({ wrong }) => wrong.length === 0) ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
try {
  const plan = parsePlan()
  try {
    await main(plan)
  } catch (error) {
    say(String(error instanceof Error ? error.stack : error))
    process.exitCode = 1
  }
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  process.exitCode = 2
}
