import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from '../../workers/root.ts'
import { playControl } from './controls.ts'
import { planOf, PRODUCTS } from './plan.ts'
import type { Product } from './plan.ts'
import { formatResults } from './report.ts'
import { openServers } from './servers.ts'
import { isGreen, runSeries } from './series.ts'

const USAGE = `npm run chaos -- [--runs 5] [--seed 1] [--database mysql|mariadb] [--region-servers 1]
  run i has the seed (seed + i - 1), which decides about everything but the time things take: tables, writers,
  faults. What a run has shown is appended to --results (.longhaul/chaos.jsonl); a seed that is green there is
  not run again, so a series that was stopped goes on with the same command.
npm run chaos -- --show SEED
  prints the plan of a seed.
npm run chaos -- --control WORD [--runs 20] [--seed 1] [--database mysql|mariadb]
  takes a mechanism out of a copy of the product and runs until something is lost: see test/chaos/controls.ts.
  --folder: the servers of this folder are used, and left running.
Exit code 0 when every run is green (a control: when something was lost), 1 when not, 2 for usage.`

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const HOME = join(ROOT, '.services', 'chaos')
const RESULTS = join(ROOT, '.longhaul', 'chaos.jsonl')

function parse(): () => Promise<boolean> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      database: { type: 'string', default: 'mysql' },
      'region-servers': { type: 'string', default: '1' },
      folder: { type: 'string' },
      results: { type: 'string', default: RESULTS },
      show: { type: 'string' },
      control: { type: 'string' },
      'until-lost': { type: 'boolean', default: false },
    },
  })
  const whole = (text: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`"${text}" is not a whole number above 0.`)
    return Number(text)
  }
  const product = values.database as Product
  if (!PRODUCTS.includes(product)) throw new Error(`"${values.database}" is no database of ours.`)
  const seeds = Array.from({ length: whole(values.runs) }, (_, i) => whole(values.seed) + i)
  const { show, control, results } = values
  if (show !== undefined) {
    const plan = planOf(whole(show))
    return () => Promise.resolve((say(JSON.stringify(plan, null, 2)), true))
  }
  const regionServers = whole(values['region-servers'])
  // What one region server has left behind is not what two begin with
  const own = regionServers === 1 ? HOME : `${HOME}-${regionServers}`
  const home = { folder: resolve(values.folder ?? own), keep: values.folder !== undefined }
  if (control !== undefined) return () => playControl(control, { product, seeds, ...home, say })
  const untilLost = values['until-lost']
  return () => series({ product, seeds, results, ...home, regionServers, untilLost })
}

async function series({
  product,
  seeds,
  results,
  folder,
  keep,
  regionServers,
  untilLost,
}: {
  product: Product
  seeds: readonly number[]
  results: string
  folder: string
  keep: boolean
  regionServers: number
  untilLost: boolean
}): Promise<boolean> {
  const servers = await openServers({ product, folder, keep, regionServers, log: say })
  try {
    const runs = join(ROOT, '.longhaul', 'chaos')
    const all = await runSeries({ servers, seeds, results, folder: runs, say, untilLost })
    say(formatResults(all))
    return all.every(isGreen)
  } finally {
    await servers.close()
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
try {
  const work = parse()
  try {
    process.exit((await work()) ? 0 : 1)
  } catch (error) {
    say(String(error instanceof Error ? error.stack : error))
    process.exit(1)
  }
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  process.exit(2)
}
