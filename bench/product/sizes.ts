import { amount, amountsTable, medians } from '../amounts.ts'
import { median } from '../figures.ts'
import { barChart, plainBar } from './chart.ts'
import { dropSource, fillSource } from './farm.ts'
import type { Bench, Kind, Outcome } from './kind.ts'
import { startLonghaul } from './longhaul.ts'
import { measure, micros, rate, STATIONS } from './measure.ts'
import type { Measured, Station } from './measure.ts'
import { slope } from './slope.ts'
import { LEGEND, stationsBar } from './stations.ts'
import { workloadOf } from './workloads.ts'

/** What cost may grow by when the rows do: 1 is exactly as much. */
const GOAL = { least: 0.95, most: 1.05 }
/** Moved first, so that no size pays for a cold worker. */
const WARM_ROWS = 100_000
/** What a project of so few costs is the price of a project, whatever its size. */
const FEW_ROWS = 100

interface Sized {
  readonly measured: Measured
  /** A load of 100 rows by the same worker. */
  readonly few: Measured
  /** Of the worker, verification included. */
  readonly peakMb: number
}

export const sizes: Kind = {
  name: 'sizes',
  about: 'longhaul alone at each of --sizes: does the cost of a row stay the same?',
  async run(bench) {
    const all: Sized[] = []
    for (const rows of bench.sizes.sizes) all.push(await loadSize(bench, rows))
    return [outcomeOf(all)]
  },
}

async function loadSize({ farm, witness }: Bench, rows: number): Promise<Sized> {
  const orders = workloadOf('orders')
  const warmUp = { ...orders, name: 'warm_up' }
  const little = { ...orders, name: 'little' }
  const warmRows = Math.min(rows, WARM_ROWS)
  await fillSource(farm, orders, rows)
  await fillSource(farm, warmUp, warmRows)
  await fillSource(farm, little, FEW_ROWS)
  const longhaul = await startLonghaul(farm)
  try {
    await measure({ farm, witness, workload: warmUp, rows: warmRows }, longhaul)
    const few = await measure({ farm, witness, workload: little, rows: FEW_ROWS }, longhaul)
    const { measured } = await measure({ farm, witness, workload: orders, rows }, longhaul)
    return { measured, few: few.measured, peakMb: longhaul.peakMb() ?? NaN }
  } finally {
    await longhaul.close()
    await dropSource(farm, orders)
    await dropSource(farm, warmUp)
    await dropSource(farm, little)
  }
}

const costOf = (one: Measured, stations: readonly Station[]): number =>
  micros(one, stations) * one.rows

function outcomeOf(all: readonly Sized[]): Outcome {
  const rows = all.map(({ measured }) => measured.rows)
  const of = (stations: readonly Station[]): number[] =>
    all.map(({ measured }) => costOf(measured, stations))
  // Of all sizes, since it does not depend on them
  const price = (stations: readonly Station[]): number =>
    median(all.map(({ few }) => costOf(few, stations)))
  const beyond = (stations: readonly Station[]): number[] =>
    of(stations).map((cost) => cost - price(stations))
  const memory = all.map(({ peakMb }) => peakMb)
  const amounts = {
    slopeWorker: amount('slope, CPU of the worker', [slope(rows, of(['client']))], GOAL),
    slopeAll: amount('slope, CPU of all processes', [slope(rows, of(STATIONS))], GOAL),
    slopeWorkerBeyond: amount(
      'slope, CPU of the worker beyond that of a project of 100 rows',
      [slope(rows, beyond(['client']))],
      GOAL,
    ),
    slopeAllBeyond: amount(
      'slope, CPU of all processes beyond that of a project of 100 rows',
      [slope(rows, beyond(STATIONS))],
      GOAL,
    ),
    price: amount('CPU of a project of 100 rows, all processes, s', [price(STATIONS) / 1e6]),
    peakMb: amount('most memory (RSS) of the worker at any size, MB', [Math.max(...memory)], {
      most: 250,
    }),
    peakGrowth: amount('most memory at the largest size beside the smallest', [
      (memory.at(-1) ?? NaN) / (memory[0] ?? NaN),
    ]),
  }
  const lines = all.map(({ measured, peakMb }) => {
    const numbers = [rate(measured), micros(measured, ['client']), micros(measured, STATIONS)]
    const texts = numbers.map((value, i) => value.toFixed(i === 0 ? 0 : 1))
    return `| ${measured.rows} | ${texts.join(' | ')} | ${Math.round(peakMb)} |`
  })
  const table = [
    '| rows | rows/s | CPU-µs per row, worker | CPU-µs per row, all | most memory of the worker, MB |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
  const about =
    'one load of longhaul at each size by a fresh worker that has moved 100,000 other rows before. The slope is that of ' +
    'log(processor time of the load) over log(rows), by least squares: 1 when ten times the rows cost ten times as much. It is less ' +
    'where a project costs something whatever its size; so it is told again without that'
  return {
    name: 'sizes',
    title: 'What ten times the rows cost',
    about,
    table: `${amountsTable(amounts)}\n\n${table}`,
    chart: barChart(
      [
        {
          title: 'Processor time per row, µs',
          bars: all.map(({ measured }) =>
            stationsBar(`${measured.rows.toLocaleString('en')} rows`, measured),
          ),
        },
        {
          title: 'Most memory of the worker, MB',
          bars: all.map(({ measured, peakMb }) =>
            plainBar(`${measured.rows.toLocaleString('en')} rows`, peakMb),
          ),
        },
      ],
      LEGEND,
    ),
    data: { amounts, all },
    ratios: medians(amounts),
  }
}
