import { fileURLToPath } from 'node:url'
import { amount, amountsTable, medians } from '../amounts.ts'
import type { Amounts } from '../amounts.ts'
import { startChild } from '../child.ts'
import type { Child } from '../child.ts'
import { compileTo } from '../../workers/compile.ts'
import { barChart, GREY, plainBar } from './chart.ts'
import { CLOCK_SLOTS, CLOCK_TABLE } from './clock-table.ts'
import { clockMs } from './clock.ts'
import { drop } from './farm.ts'
import type { Farm } from './farm.ts'
import type { Bench, Kind, Outcome } from './kind.ts'
import { observe } from './observe.ts'
import { newProject } from './project.ts'
import { quantile } from './quantile.ts'
import { startWorker } from './worker.ts'

const GOAL_RATE = 500
const GOAL = { most: 100 }
/** Before the first change is due. */
const AHEAD_MS = 500
/** Written at each rate before anything is counted. */
const WARM_SECONDS = 2

interface Lag {
  readonly rate: number
  readonly changes: number
  /** From the moment a change was due. */
  readonly due: Quantiles
  /** From its commit, as the application saw it. */
  readonly commit: Quantiles
  /** How exact the times are. */
  readonly look: Quantiles
}

interface Quantiles {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export const lag: Kind = {
  name: 'lag',
  about: 'from a change in the source to a Get that sees it in HBase, at each of --rates',
  async run({ farm, sizes: { rates, seconds } }: Bench) {
    await makeClock(farm)
    const worker = await startWorker(farm)
    const project = await newProject(farm, { name: 'clock', salt: null })
    await project.command('start', project.file, '--wait')
    const writer = await startWriter(farm)
    const all: Lag[] = []
    let first = CLOCK_SLOTS
    for (const rate of rates) {
      const run = (count: number) => {
        const plan = { rate, count, first, at: clockMs() + AHEAD_MS }
        first += count
        return measureLag(farm, writer, project.target, plan)
      }
      await run(rate * WARM_SECONDS)
      all.push(await run(rate * seconds))
      farm.log(`  lag at ${rate}/s: ${JSON.stringify(all.at(-1))}`)
    }
    await writer.close()
    await project.command('switch', project.name, '--confirm-writes-stopped')
    await worker.close()
    await drop(farm, project.target)
    await farm.admin.query(`DROP TABLE ${CLOCK_TABLE}`)
    return [outcomeOf(all, seconds)]
  },
}

async function makeClock({ admin }: Farm): Promise<void> {
  await admin.query(
    `CREATE TABLE ${CLOCK_TABLE} (slot INT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)`,
  )
  const rows = Array.from({ length: CLOCK_SLOTS }, (_, slot) => `(${slot}, 0)`)
  await admin.query(`INSERT INTO ${CLOCK_TABLE} VALUES ${rows.join(', ')}`)
}

async function startWriter({ source }: Farm): Promise<Child> {
  const { host, port, user = '', password = '' } = source
  const program = await compileTo(
    'bench-writer.js',
    fileURLToPath(new URL('writer.ts', import.meta.url)),
  )
  return startChild(process.execPath, [program, host, String(port), user, password])
}

async function measureLag(
  { client }: Farm,
  writer: Child,
  target: string,
  plan: Parameters<typeof observe>[2],
): Promise<Lag> {
  const { rate, count, first, at } = plan
  const [committed, { seen, looks }] = await Promise.all([
    writer.ask<number[]>(`write ${rate} ${count} ${first} ${at}`),
    observe(client, target, plan),
  ])
  return {
    rate,
    changes: count,
    due: quantiles(seen.map((time, no) => time - (no * 1000) / rate)),
    // The application may hear of its commit after HBase has the change
    commit: quantiles(seen.map((time, no) => Math.max(0, time - (committed[no] ?? NaN)))),
    look: quantiles(looks),
  }
}

const quantiles = (values: Iterable<number>): Quantiles => {
  const all = [...values]
  return { p50: quantile(all, 0.5), p99: quantile(all, 0.99), max: quantile(all, 1) }
}

function outcomeOf(all: readonly Lag[], seconds: number): Outcome {
  const amounts: Amounts = Object.fromEntries(
    all.flatMap(({ rate, due, commit, look }) => [
      [`p50-${rate}`, amount(`${rate}/s: median from when it was due, ms`, [due.p50])],
      [
        `p99-${rate}`,
        amount(
          `${rate}/s: p99 from when it was due, ms`,
          [due.p99],
          rate === GOAL_RATE ? GOAL : undefined,
        ),
      ],
      [`commit-p50-${rate}`, amount(`${rate}/s: median from its commit, ms`, [commit.p50])],
      [`commit-p99-${rate}`, amount(`${rate}/s: p99 from its commit, ms`, [commit.p99])],
      [`look-p99-${rate}`, amount(`${rate}/s: resolution, p99, ms`, [look.p99])],
    ]),
  )
  return {
    name: 'lag',
    title: 'How long a change takes to HBase',
    about:
      `a process of its own updates rows of a table of ${CLOCK_SLOTS} rows, one transaction each, at fixed rates for ${seconds} s each. ` +
      'A change is made when it is due, whether or not earlier ones have ended (open loop), and is counted from that time as well as ' +
      'from its commit; so nothing the source or longhaul delays is left out. Another process gets the rows that are due from HBase ' +
      'with longhaul’s client, again and again, with 2 ms between two Gets. A change is visible when a Get was answered with it or ' +
      'with a later one of its row, so each time is too long by at most the resolution: from the beginning of the Get before to the end of that one',
    table: amountsTable(amounts),
    chart: barChart([
      {
        title: 'From when it was due, ms: median, and p99 in grey',
        bars: all.flatMap(({ rate, due }) => [
          plainBar(`${rate}/s`, due.p50, 1),
          plainBar('', due.p99, 1, GREY),
        ]),
      },
    ]),
    data: { amounts, all },
    ratios: medians(amounts),
  }
}
