import { setTimeout as sleep } from 'node:timers/promises'
import { projectId } from '../../workflows/messages.ts'
import { HBaseError } from '../../hbase/index.ts'
import type { HBaseClient } from '../../hbase/index.ts'
import { amount, amountsTable, medians } from '../amounts.ts'
import { median } from '../figures.ts'
import { barChart, plainBar } from './chart.ts'
import { drop, dropSource, fillSource } from './farm.ts'
import type { Farm } from './farm.ts'
import type { Bench, Kind, Outcome } from './kind.ts'
import { newProject, openTemporal } from './project.ts'
import { startWorker } from './worker.ts'
import { workloadOf } from './workloads.ts'

const GOAL = { most: 1 }
const ROWS = 1_000
const LOOK_EVERY_MS = 5

interface Started {
  /** From the command to its end, when the project was accepted. */
  readonly accepted: number
  /** From the command to the first row in HBase. */
  readonly firstRow: number
}

export const start: Kind = {
  name: 'start',
  about: 'from the command to the first row in HBase, with a worker up',
  async run({ farm, sizes: { starts } }: Bench) {
    const orders = workloadOf('orders')
    await fillSource(farm, orders, ROWS)
    const worker = await startWorker(farm)
    const all: Started[] = []
    // The first one is not counted
    for (let i = 0; i <= starts; i++) {
      const started = await startOnce(farm)
      farm.log(`  ${JSON.stringify(started)}`)
      if (i > 0) all.push(started)
    }
    await worker.close()
    await dropSource(farm, orders)
    return [outcomeOf(all)]
  },
}

async function startOnce(farm: Farm): Promise<Started> {
  const { name, target, file, command } = await newProject(farm, workloadOf('orders'))
  const temporal = await openTemporal(farm)
  const began = performance.now()
  const since = () => (performance.now() - began) / 1000
  const [accepted, firstRow] = await Promise.all([
    command('start', file, '--proven-copy').then(since),
    untilFirstRow(farm.client, target).then(since),
  ])
  await temporal.client.workflow.getHandle(projectId(name)).result()
  await temporal.close()
  await drop(farm, target)
  return { accepted, firstRow }
}

/** There is no table yet when this begins. */
async function untilFirstRow(client: HBaseClient, table: string): Promise<void> {
  for (;;) {
    try {
      for await (const page of client.scan(table, { keysOnly: true, limit: 1 }))
        if (page.length > 0) return
    } catch (error) {
      if (!(error instanceof HBaseError && error.code === 'TABLE_NOT_FOUND')) throw error
    }
    await sleep(LOOK_EVERY_MS)
  }
}

function outcomeOf(all: readonly Started[]): Outcome {
  const first = all.map(({ firstRow }) => firstRow)
  const accepted = all.map((one) => one.accepted)
  const amounts = {
    firstRow: amount('from the command to the first row in HBase, s', first, GOAL),
    accepted: amount('from the command to its end, when the project is accepted, s', accepted),
  }
  return {
    name: 'start',
    title: 'How long a project takes to its first row',
    about: `${all.length} projects one after the other, each of a table of ${ROWS} rows of 10 columns, by one worker; the process of the command line is started each time, and HBase is asked for a row every ${LOOK_EVERY_MS} ms`,
    table: amountsTable(amounts),
    chart: barChart([
      {
        title: 'From the command, s',
        bars: [plainBar('accepted', median(accepted), 2), plainBar('first row', median(first), 2)],
      },
    ]),
    data: { amounts, all },
    ratios: medians(amounts),
  }
}
