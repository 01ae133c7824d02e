// npm run bench:hbase [-- --rows 1000000 --pairs 3 | --quick | --profile FOLDER]
// longhaul's client beside HBase's own (BufferedMutator, ResultScanner) and hbase-rpc-client: same
// rows, same server, same durability, in turns. Needs a JDK. Prints one JSON line of ratios at the end.
import { Command } from '@commander-js/extra-typings'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HBaseClient } from '../../hbase/index.ts'
import { VERSION } from '../hbase-rpc-client/index.ts'
import { JVM, SETTINGS, startHBase } from '../server.ts'
import { countFrom } from '../count.ts'
import { markdownOf, ratiosOf, saveResults } from '../figures.ts'
import type { Figures } from '../figures.ts'
import { describeMachine, load } from '../machine.ts'
import { compilePeers } from './peers.ts'
import { figuresOf } from './report.ts'
import { createTable, runOld, runPair, warmUp } from './series.ts'
import type { Bench, Measured, Pair, Sizes } from './series.ts'
import type { Pass } from './program.ts'

const options = new Command('bench:hbase')
  .description('What writing and reading costs with longhaul’s HBase client, beside its peers.')
  .option('--rows <count>', 'rows of one pass', countFrom(0), 1_000_000)
  .option('--pairs <count>', 'how often everything is repeated', countFrom(0), 3)
  .option('--singles <count>', 'single puts of each client', countFrom(0), 4000)
  .option('--old-rows <count>', 'rows of hbase-rpc-client, 0 for none', countFrom(0), 20_000)
  .option('--quick', 'about two minutes: 200,000 rows, one pair')
  .option('--profile <folder>', 'write CPU profiles of our client there')
  .option('--no-save', 'leave bench/results as it is')
  .parse()
  .opts()

const sizes: Sizes =
  options.quick === true
    ? { rows: 200_000, pairs: 1, singles: 2000, oldRows: 10_000 }
    : {
        rows: options.rows,
        pairs: options.pairs,
        singles: options.singles,
        oldRows: options.oldRows,
      }

const log = (line: string) => process.stderr.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'longhaul-bench-'))
// The server ends with this process; its rows are of no use to anybody.
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const { service } = await startHBase({ folder, settings: SETTINGS, jvm: JVM, log })
const client = new HBaseClient({ endpoints: [service.address], operationTimeoutMs: 600_000 })
const peers = await compilePeers(service, join(folder, 'peers'), {
  log,
  profile: options.profile,
})
const bench: Bench = { client, peers, serverPid: service.pid ?? 0, sizes, log }
const began = load()
await createTable(bench)
log('warming the server up')
await warmUp(bench, Math.min(sizes.rows, 500_000))

const pairs: Pair[] = []
const old: Measured<Pass>[] = []
for (let i = 1; i <= sizes.pairs; i++) {
  log(`pair ${i} of ${sizes.pairs}`)
  pairs.push(await runPair(bench))
  if (sizes.oldRows > 0) old.push(await runOld(bench))
}
await client.close()
await service.stop()

const figures = figuresOf(pairs, old)
const about =
  `${sizes.rows} rows of 10 × 16 bytes a pass, ${sizes.pairs} pairs, HBase ${service.version} in one ` +
  `process on the same machine, write-ahead log on. Peers: HBase ${service.version}'s Java client ` +
  `(BufferedMutator and ResultScanner as they come), hbase-rpc-client ${VERSION}. Node ` +
  `${process.versions.node}, ${describeMachine()}, load ${began.toFixed(1)} to ${load().toFixed(1)}, ` +
  `others took ${Math.round(foreignOf(pairs) * 100)} % of the machine. ${new Date().toISOString().slice(0, 10)}.`
log(`\n${about}\n\n${markdownOf(figures)}\n`)
if (options.save) await save(figures)
process.stdout.write(`${JSON.stringify(ratiosOf(figures))}\n`)

async function save(all: Figures): Promise<void> {
  const page = `# longhaul's HBase client beside its peers\n\n\`npm run bench:hbase\`: ${about}\n\n${markdownOf(all)}\n`
  await saveResults('hbase-client', page, { about, sizes, figures: all, pairs, old })
}

function foreignOf(all: readonly Pair[]): number {
  const shares = all.flatMap(({ cold, warm }) =>
    [cold.ours, cold.theirs, warm.ours, warm.theirs].map((pass) => pass.foreign),
  )
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length)
}
