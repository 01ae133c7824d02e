// npm run bench [-- KINDS --rows 1000000 --pairs 3 --workload orders narrow --source mysql | --quick]
// longhaul as its users run it: beside a loader in Java written by hand and other peers, at several sizes, following
// changes, starting and after a kill. Needs a JDK. Prints one JSON line of ratios at the end.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeMachine, load } from '../machine.ts'
import { fillSource, openFarm, dropSource } from './farm.ts'
import { readCommand } from './options.ts'
import { pageOf, save } from './report.ts'
import { runPair } from './series.ts'
import { startJava } from './java.ts'
import { startLonghaul } from './longhaul.ts'
import { compileLoader, startWitness } from './witness.ts'
import { workloadOf } from './workloads.ts'

/** Enough for the servers to have compiled what they do most. */
const WARM_ROWS = 200_000

const { kinds, sizes, source: sourceName, save: isSaved } = readCommand(process.argv)
const log = (line: string): void => void process.stderr.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'longhaul-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const began = load()
const farm = await openFarm(sourceName, folder, log)
const loader = await compileLoader(farm)
const witness = startWitness(farm, loader)
const { source, hbase, temporal } = farm
const servers =
  `From ${source.name} ${source.version} to HBase ${hbase.version} in one process, Temporal ${temporal.version}, ` +
  `all on one machine; write-ahead log on. Node ${process.versions.node}, ${describeMachine()}`
const where = (): string =>
  `${servers}, load ${began.toFixed(1)} to ${load().toFixed(1)}. ${new Date().toISOString().slice(0, 10)}.`

log('warming the servers up')
const workload = { ...workloadOf('orders'), name: 'warm_up' }
const rows = Math.min(WARM_ROWS, sizes.rows)
await fillSource(farm, workload, rows)
await runPair({
  ground: { farm, witness, workload, rows },
  ours: () => startLonghaul(farm),
  theirs: () => startJava(farm, loader),
})
await dropSource(farm, workload)

const ratios: Record<string, object> = {}
for (const kind of kinds) {
  log(`\n${kind.name}: ${kind.about}`)
  for (const outcome of await kind.run({ farm, witness, loader, sizes })) {
    log(`\n${pageOf(outcome, where())}`)
    if (isSaved) await save(outcome, where())
    ratios[outcome.name] = outcome.ratios
  }
}
await witness.close()
await farm.close()
process.stdout.write(`${JSON.stringify(ratios)}\n`)
process.exit(0)
