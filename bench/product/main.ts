// npm run bench [-- --rows 1000000 --pairs 3 --workload orders --source mysql | --quick]
// longhaul as its users run it beside a loader in Java written by hand: same rows, same servers, same durability, in
// turns. Needs a JDK. Prints one JSON line of ratios at the end.
import { Command, Option } from '@commander-js/extra-typings'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countFrom } from '../count.ts'
import { describeMachine, load } from '../machine.ts'
import { fillSource, openFarm } from './farm.ts'
import { compileLoader, startJava } from './java.ts'
import { startLonghaul } from './longhaul.ts'
import { ratiosOf } from '../figures.ts'
import { figuresOf, pageOf, save } from './report.ts'
import { runPair } from './series.ts'
import type { Pair, Series } from './series.ts'
import { WORKLOADS } from './workloads.ts'

const options = new Command('bench')
  .description('How fast longhaul moves a table, and at what cost, beside a loader in Java.')
  .option('--rows <count>', 'rows of one load', countFrom(1), 1_000_000)
  .option('--pairs <count>', 'how often everything is repeated', countFrom(1), 3)
  .addOption(
    new Option('--workload <name>', 'what the rows are like')
      .choices(WORKLOADS.map(({ name }) => name))
      .default('orders'),
  )
  .addOption(
    new Option('--source <name>', 'where they come from')
      .choices(['mysql', 'mariadb'] as const)
      .default('mysql' as const),
  )
  .option('--quick', '300,000 rows, one pair')
  .option('--no-save', 'leave bench/results as it is')
  .parse()
  .opts()

const { rows, pairs: times } = options.quick === true ? { rows: 300_000, pairs: 1 } : options
const workload = WORKLOADS.find(({ name }) => name === options.workload)
if (workload === undefined) throw new Error(`no workload ${options.workload}`)

const log = (line: string): void => void process.stderr.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'longhaul-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const began = load()
const farm = await openFarm(options.source, folder, log)
const loader = await compileLoader(farm)
await fillSource(farm, workload, rows)
const series: Series = {
  farm,
  workload,
  rows,
  start: { longhaul: () => startLonghaul(farm), java: () => startJava(farm, loader, rows) },
}
log('warming the servers up')
await runPair(series)
const pairs: Pair[] = []
for (let i = 1; i <= times; i++) {
  log(`pair ${i} of ${times}`)
  pairs.push(await runPair(series))
}
const { source, hbase, temporal } = farm
const about =
  `${rows} rows of ${workload.about}, ${times} pairs, from ${source.name} ${source.version} to HBase ${hbase.version} ` +
  `in one process, Temporal ${temporal.version}, all on one machine; write-ahead log on, 16 regions. ` +
  `Node ${process.versions.node}, ${describeMachine()}, load ${began.toFixed(1)} to ${load().toFixed(1)}. ` +
  `${new Date().toISOString().slice(0, 10)}.`
await farm.close()
const figures = figuresOf(pairs)
log(`\n${pageOf(about, figures)}`)
if (options.save) await save(workload.name, about, pairs)
process.stdout.write(`${JSON.stringify(ratiosOf(figures))}\n`)
process.exit(0)
