import { figure, markdownOf, saveFile, saveResults } from '../figures.ts'
import type { Both, Figure, Figures, Goal } from '../figures.ts'
import { chartOf } from './chart.ts'
import { micros, rate, STATIONS } from './series.ts'
import type { Measured, Pair } from './series.ts'

/** All figures by name; `theirs` is the loader in Java. */
export function figuresOf(pairs: readonly Pair[]): Figures {
  const of = (
    what: string,
    when: 'cold' | 'warm',
    by: (one: Measured) => number,
    goal?: Goal,
  ): Figure =>
    figure(
      what,
      pairs.map((pair) => ({ ours: by(pair[when].longhaul), theirs: by(pair[when].java) })),
      goal,
    )
  const memory = pairs.map(({ peakMb }): Both<number> => ({
    ours: peakMb.longhaul ?? NaN,
    theirs: peakMb.java ?? NaN,
  }))
  const all = (one: Measured): number => micros(one, STATIONS)
  return {
    rate: of('load: rows/s, warm', 'warm', rate, { least: 1.5 }),
    rateCold: of('load: rows/s, first load of a process', 'cold', rate),
    cpu: of('load: CPU-µs per row, all processes, warm', 'warm', all, { most: 0.8 }),
    cpuCold: of('load: CPU-µs per row, all processes, first load', 'cold', all),
    ...Object.fromEntries(
      STATIONS.map((name) => [
        `cpu-${name}`,
        of(`— of it ${name === 'client' ? 'worker, or loader' : name}`, 'warm', (one) =>
          micros(one, [name]),
        ),
      ]),
    ),
    seconds: of('from the command to the last row, s, warm', 'warm', ({ seconds }) => seconds),
    peakMb: figure('most memory (RSS), MB', memory, { mostMb: 250 }),
    verify: of(
      'verification of every row: rows/s, beside the load of Java',
      'warm',
      (one) => one.rows / (one.verifySeconds ?? one.loadSeconds),
    ),
  }
}

/** `chart` is the file of the picture, where there is one. */
export const pageOf = (about: string, figures: Figures, chart?: string): string => {
  const picture =
    chart === undefined ? '' : `![Rows a second, processor time per row](${chart})\n\n`
  return `# longhaul beside a loader in Java\n\n\`npm run bench\`: ${about}\n\n${picture}${markdownOf(figures, 'Java')}\n`
}

export async function save(workload: string, about: string, pairs: readonly Pair[]): Promise<void> {
  const figures = figuresOf(pairs)
  const name = `load-${workload}`
  const page = pageOf(about, figures, `${name}.svg`)
  await saveResults(name, page, { about, figures, pairs })
  await saveFile(`${name}.svg`, chartOf(pairs))
}
