import { setTimeout as sleep } from 'node:timers/promises'
import { projectId, resume } from '../../workflows/messages.ts'
import { amount, amountsTable, medians } from '../amounts.ts'
import { median } from '../figures.ts'
import { barChart, plainBar } from './chart.ts'
import { drop, dropSource, fillSource, settle } from './farm.ts'
import type { Farm } from './farm.ts'
import type { Bench, Kind, Outcome } from './kind.ts'
import { micros, STATIONS, watch } from './measure.ts'
import type { Cpu } from './measure.ts'
import { newProject, openTemporal } from './project.ts'
import type { Project } from './project.ts'
import { LEGEND, middleCpu, NAMES, stationsBar } from './stations.ts'
import { startWorker } from './worker.ts'
import type { Worker } from './worker.ts'
import { SCHEMA, workloadOf } from './workloads.ts'

const GOAL = { least: 40_000 }
/** Rows that one transaction of the application changes. */
const AT_ONCE = 10_000
/** To look costs the worker some milliseconds. */
const LOOK_EVERY_MS = 100
/** What is in hand when a project is paused is finished within this. */
const SETTLE_MS = 2_000

/** One log drained; `rows` are its changes. */
interface Drained {
  readonly rows: number
  readonly seconds: number
  readonly cpu: Cpu
  readonly foreign: number
}

export const drain: Kind = {
  name: 'drain',
  about: 'changes made while the project was paused, then applied until the log is empty',
  async run({ farm, sizes: { changes, pairs } }: Bench) {
    const orders = workloadOf('orders')
    await fillSource(farm, orders, changes)
    const worker = await startWorker(farm, { metrics: true })
    const project = await newProject(farm, orders)
    await project.command('start', project.file, '--wait')
    const all: Drained[] = []
    for (let i = 1; i <= pairs; i++) {
      await settle(farm, project.target)
      all.push(await drainOnce(farm, worker, project, changes))
    }
    // Verifies every row, and takes the triggers out
    await project.command('switch', project.name, '--confirm-writes-stopped')
    await worker.close()
    await drop(farm, project.target)
    await dropSource(farm, orders)
    return [outcomeOf(all)]
  },
}

async function drainOnce(
  farm: Farm,
  worker: Worker,
  project: Project,
  changes: number,
): Promise<Drained> {
  await pileUp(farm, worker, project, changes)
  const look = watch(farm, worker.pid)
  const drained = { ...(await applyAll(farm, worker, project, changes)), ...look() }
  const left = await logged(farm)
  if (left > 0) throw new Error(`${left} changes are left in the log`)
  farm.log(
    `  drained: ${Math.round(changes / drained.seconds)} changes/s, CPU-us/change ${STATIONS.map((name) => `${name} ${micros(drained, [name]).toFixed(1)}`).join(', ')}`,
  )
  return drained
}

/** Pauses the project and updates so many rows of its table, each once. */
export async function pileUp(
  farm: Farm,
  worker: Worker,
  project: Project,
  changes: number,
): Promise<void> {
  await project.command('pause', project.name, '--now')
  await sleep(SETTLE_MS)
  const before = await worker.counted('apply')
  for (let from = 0; from < changes; from += AT_ONCE)
    await farm.admin.query(
      `UPDATE ${SCHEMA}.orders SET quantity = quantity + 1 WHERE id > ${from} AND id <= ${Math.min(changes, from + AT_ONCE)}`,
    )
  if ((await worker.counted('apply')) !== before)
    throw new Error('Changes were applied while the project was paused')
}

/** Resumes the project and waits until so many changes are applied. */
export async function applyAll(
  farm: Farm,
  worker: Worker,
  { name }: Project,
  changes: number,
): Promise<Pick<Drained, 'rows' | 'seconds'>> {
  const before = await worker.counted('apply')
  const temporal = await openTemporal(farm)
  try {
    const began = performance.now()
    const handle = temporal.client.workflow.getHandle(projectId(name))
    await handle.executeUpdate(resume.update, { args: [undefined] })
    while ((await worker.counted('apply')) - before < changes) await sleep(LOOK_EVERY_MS)
    return { rows: changes, seconds: (performance.now() - began) / 1000 }
  } finally {
    await temporal.close()
  }
}

async function logged({ admin }: Farm): Promise<number> {
  const [found] = await admin.query('SELECT COUNT(*) AS left_over FROM longhaul.longhaul_log')
  return Number((found as { left_over: number }[])[0]?.left_over)
}

function outcomeOf(all: readonly Drained[]): Outcome {
  const rates = all.map(({ rows, seconds }) => rows / seconds)
  const amounts = {
    rate: amount('changes/s, from the resume until the log was empty', rates, GOAL),
    cpu: amount(
      'CPU-µs per change, all processes',
      all.map((one) => micros(one, STATIONS)),
    ),
    ...Object.fromEntries(
      STATIONS.map((name) => [
        `cpu-${name}`,
        amount(
          `— of it ${NAMES[name]}`,
          all.map((one) => micros(one, [name])),
        ),
      ]),
    ),
  }
  return {
    name: 'drain',
    title: 'How fast changes that have piled up are applied',
    about: `${all[0]?.rows ?? 0} rows of 10 columns, each updated once while the project was paused, ${all.length} times; then it was resumed. Afterwards every row was verified`,
    table: amountsTable(amounts),
    chart: barChart(
      [
        { title: 'Changes a second', bars: [plainBar('longhaul', median(rates))] },
        {
          title: 'Processor time per change, µs',
          bars: [stationsBar('longhaul', middleCpu(all))],
        },
      ],
      LEGEND,
    ),
    data: { amounts, all },
    ratios: medians(amounts),
  }
}
