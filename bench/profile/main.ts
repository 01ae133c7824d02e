// npm run profile [-- --rows 300000 --workload orders]
// Where the processor time of a worker goes while it loads a table, verifies it, and applies a change of each of its
// rows: a flame graph of its main thread each, in bench/results.
import { Command } from '@commander-js/extra-typings'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { countFrom } from '../count.ts'
import { saveFile } from '../figures.ts'
import { cpuSeconds } from '../machine.ts'
import { drop, fillSource, openFarm } from '../product/farm.ts'
import { applyAll, pileUp } from '../product/drain.ts'
import { startLonghaul } from '../product/longhaul.ts'
import { newProject } from '../product/project.ts'
import { startWorker } from '../product/worker.ts'
import { workloadOf } from '../product/workloads.ts'
import { flameGraphOf, sharesOf, type CpuProfile } from './flame.ts'

const options = new Command('profile')
  .description('Where the processor time of a worker goes while it loads, verifies and applies.')
  .option('--rows <count>', 'rows of one load', countFrom(1), 300_000)
  .option('--no-save', 'print the shares alone')
  .parse()
  .opts()

/** Functions printed. */
const SHOWN = 15
const workload = workloadOf('orders')
const what = { workload, rows: options.rows, splits: [] }

const log = (line: string): void => void process.stderr.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'longhaul-profile-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const farm = await openFarm('mysql', folder, log)
await fillSource(farm, workload, options.rows)
const file = join(folder, 'profile.json')
process.env['LONGHAUL_PROFILE'] = file
process.env['NODE_OPTIONS'] = `--require ${fileURLToPath(new URL('hook.cjs', import.meta.url))}`
const longhaul = await startLonghaul(farm)

log('warming up')
const first = await longhaul.load(what)
await first.rest()
await drop(farm, first.target)

/** The profile of what a worker does meanwhile. */
async function profiled<Result>(
  name: string,
  pid: number,
  work: () => Promise<Result>,
): Promise<Result> {
  rmSync(file, { force: true })
  const before = cpuSeconds(pid)
  process.kill(pid, 'SIGUSR2')
  const result = await work()
  process.kill(pid, 'SIGUSR2')
  while (!existsSync(file)) await sleep(100)
  const micros = ((cpuSeconds(pid) - before) * 1e6) / options.rows
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
  const title = `longhaul's worker, ${name} of ${options.rows} rows of ${workload.about}: ${micros.toFixed(1)} CPU-µs per row, all threads`
  process.stdout.write(`${title}\n`)
  for (const [what, share] of sharesOf(profile).slice(0, SHOWN))
    process.stdout.write(`  ${(100 * share).toFixed(1).padStart(5)} % ${what}\n`)
  if (options.save) await saveFile(`profile-${name}.svg`, flameGraphOf(profile, title))
  return result
}

const loaded = await profiled('load', longhaul.pid, () => longhaul.load(what))
await profiled('verification', longhaul.pid, () => loaded.rest())
await longhaul.close()
await drop(farm, loaded.target)

const worker = await startWorker(farm, { metrics: true })
const project = await newProject(farm, workload)
await project.command('start', project.file, '--wait')
log('warming up')
await pileUp(farm, worker, project, options.rows)
await applyAll(farm, worker, project, options.rows)
await pileUp(farm, worker, project, options.rows)
await profiled('drain', worker.pid, () => applyAll(farm, worker, project, options.rows))
await worker.close()
await farm.close()
process.exit(0)
