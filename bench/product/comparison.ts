import { figure, markdownOf, median, ratiosOf } from '../figures.ts'
import type { Both, Figure, Figures, Goal } from '../figures.ts'
import { barChart, BLUE, GREY, plainBar } from './chart.ts'
import type { Outcome } from './kind.ts'
import { micros, rate, STATIONS } from './measure.ts'
import type { Measured } from './measure.ts'
import type { Pair } from './series.ts'
import { LEGEND, middleCpu, NAMES, stationsBar } from './stations.ts'

/** What longhaul shall reach beside a peer. */
export interface Goals {
  readonly rate?: Goal
  readonly cpu?: Goal
  readonly peakMb?: Goal
}

/** All figures by name; `theirs` is the peer. */
export function figuresOf(pairs: readonly Pair[], goals: Goals): Figures {
  const of = (
    what: string,
    when: 'cold' | 'warm',
    by: (one: Measured) => number,
    goal?: Goal,
  ): Figure =>
    figure(
      what,
      pairs.map((pair) => ({ ours: by(pair[when].ours), theirs: by(pair[when].theirs) })),
      goal,
    )
  const all = (one: Measured): number => micros(one, STATIONS)
  const memory = pairs.map(({ peakMb }): Both<number> => ({
    ours: peakMb.ours ?? NaN,
    theirs: peakMb.theirs ?? NaN,
  }))
  return {
    rate: of('load: rows/s, warm', 'warm', rate, goals.rate),
    rateCold: of('load: rows/s, first load of a process', 'cold', rate),
    cpu: of('load: CPU-µs per row, all processes, warm', 'warm', all, goals.cpu),
    cpuCold: of('load: CPU-µs per row, all processes, first load', 'cold', all),
    ...Object.fromEntries(
      STATIONS.map((name) => [
        `cpu-${name}`,
        of(`— of it ${NAMES[name]}`, 'warm', (one) => micros(one, [name])),
      ]),
    ),
    seconds: of('from the command to the last row, s, warm', 'warm', ({ seconds }) => seconds),
    peakMb: figure('most memory (RSS), MB', memory, goals.peakMb),
    verify: of(
      'verification of every row: rows/s, beside the load of the peer',
      'warm',
      verifyRate,
    ),
    verifyOwn: figure(
      'verification of every row: rows/s, beside the load of longhaul itself',
      pairs.map(({ warm }) => ({ ours: verifyRate(warm.ours), theirs: rate(warm.ours) })),
    ),
  }
}

/** Of the load, for one who does not verify. */
const verifyRate = (one: Measured): number => one.rows / (one.verifySeconds ?? one.loadSeconds)

/** Rows a second and processor time by station, of loads by warm processes: the middle of all pairs, as SVG. */
export function chartOf(pairs: readonly Pair[], peer: string): string {
  const sides = [
    ['longhaul', pairs.map(({ warm }) => warm.ours), BLUE],
    [peer, pairs.map(({ warm }) => warm.theirs), GREY],
  ] as const
  return barChart(
    [
      {
        title: 'Rows a second',
        bars: sides.map(([name, all, colour]) => plainBar(name, median(all.map(rate)), 0, colour)),
      },
      {
        title: 'Processor time per row, µs',
        bars: sides.map(([name, all]) => stationsBar(name, middleCpu(all))),
      },
    ],
    LEGEND,
  )
}

/** longhaul beside one peer; `peer` names it in a table. */
export function comparison(
  pairs: readonly Pair[],
  {
    peer,
    goals,
    ...words
  }: Pick<Outcome, 'name' | 'title' | 'about'> & {
    readonly peer: string
    readonly goals: Goals
  },
): Outcome {
  const figures = figuresOf(pairs, goals)
  return {
    ...words,
    table: markdownOf(figures, peer),
    chart: chartOf(pairs, peer),
    data: { figures, pairs },
    ratios: ratiosOf(figures),
  }
}
