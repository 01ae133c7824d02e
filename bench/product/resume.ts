import { setTimeout as sleep } from 'node:timers/promises'
import type { Certificate } from '../../model/project.ts'
import { projectId } from '../../workflows/messages.ts'
import { amount, amountsTable, medians } from '../amounts.ts'
import { median } from '../figures.ts'
import { barChart, plainBar } from './chart.ts'
import { drop, dropSource, fillSource } from './farm.ts'
import type { Farm } from './farm.ts'
import type { Bench, Kind, Outcome } from './kind.ts'
import { newProject, openTemporal } from './project.ts'
import { startWorker } from './worker.ts'
import type { Worker } from './worker.ts'
import { workloadOf } from './workloads.ts'

const GOAL = { most: 5 }
const LOOK_EVERY_MS = 20

interface Resumed {
  /** From the kill until the next worker had written its first row. */
  readonly anyRow: number
  /** From the kill until it had written more than was written twice in the end. */
  readonly newRow: number
  /** Rows both workers have written, as they counted them. */
  readonly twice: number
  readonly clean: boolean
}

interface Sample {
  readonly seconds: number
  readonly rows: number
}

export const resume: Kind = {
  name: 'resume',
  about: 'a worker is killed in the middle of a load and another is started at once',
  async run({ farm, sizes: { rows, kills } }: Bench) {
    const orders = workloadOf('orders')
    await fillSource(farm, orders, rows)
    const all: Resumed[] = []
    for (let i = 0; i < kills; i++) {
      all.push(await resumeOnce(farm, rows))
      farm.log(`  ${JSON.stringify(all.at(-1))}`)
    }
    await dropSource(farm, orders)
    return [outcomeOf(all, rows)]
  },
}

async function resumeOnce(farm: Farm, rows: number): Promise<Resumed> {
  const { name, target, file, command } = await newProject(farm, workloadOf('orders'))
  const temporal = await openTemporal(farm)
  const first = await startWorker(farm, { metrics: true })
  await command('start', file, '--proven-copy')
  const before = await untilHalf(first, rows)
  first.kill()
  const began = performance.now()
  const second = await startWorker(farm, { metrics: true })

  const samples: Sample[] = []
  const result = temporal.client.workflow.getHandle(projectId(name)).result()
  const ended = result.then(
    () => true,
    () => true,
  )
  while (!(await Promise.race([ended, sleep(LOOK_EVERY_MS, false)]))) {
    const counted = await second.counted('load')
    samples.push({ seconds: (performance.now() - began) / 1000, rows: counted })
  }
  const { certificate } = (await result) as { readonly certificate: Certificate | null }
  samples.push({ seconds: NaN, rows: await second.counted('load') })
  await second.close()
  await temporal.close()
  await drop(farm, target)
  return resumedFrom(samples, before, rows, certificate?.clean === true)
}

/** The rows counted last before half of them were written; the worker may have written a page more when it is killed. */
async function untilHalf(worker: Worker, rows: number): Promise<number> {
  for (;;) {
    const counted = await worker.counted('load')
    if (counted >= rows) throw new Error('The load was over before its worker could be killed')
    if (counted >= rows / 2) return counted
    await sleep(LOOK_EVERY_MS)
  }
}

/** `before` were written by the first worker; the samples are what the second one had counted. */
export function resumedFrom(
  samples: readonly Sample[],
  before: number,
  rows: number,
  clean: boolean,
): Resumed {
  const twice = Math.max(0, before + (samples.at(-1)?.rows ?? 0) - rows)
  const when = (more: number): number => samples.find((one) => one.rows > more)?.seconds ?? NaN
  return { anyRow: when(0), newRow: when(twice), twice, clean }
}

function outcomeOf(all: readonly Resumed[], rows: number): Outcome {
  const times = (name: 'anyRow' | 'newRow') => all.map((one) => one[name])
  const shares = all.map(({ clean }) => (clean ? 1 : 0))
  const amounts = {
    newRow: amount('from the kill to the first row not written before, s', times('newRow'), GOAL),
    anyRow: amount('from the kill to the first row of the next worker, s', times('anyRow')),
    twice: amount(
      'rows written twice',
      all.map(({ twice }) => twice),
    ),
    clean: amount('certificate clean at the end, 1 for yes', shares, { least: 1 }),
  }
  return {
    name: 'resume',
    title: 'What a killed worker costs',
    about: `${all.length} loads of ${rows} rows of 10 columns; when half of them are written the worker is killed (SIGKILL) and another is started at once. Both count the rows they write; what is more than the table has was written twice, and the first row that is counted after that many is taken for the first new one`,
    table: amountsTable(amounts),
    chart: barChart([
      {
        title: 'From the kill, s',
        bars: [
          plainBar('first row', median(times('anyRow')), 2),
          plainBar('first new row', median(times('newRow')), 2),
        ],
      },
    ]),
    data: { amounts, all },
    ratios: medians(amounts),
  }
}
