import { comparison } from './comparison.ts'
import { dropSource, fillSource } from './farm.ts'
import { startJava } from './java.ts'
import type { Bench, Kind, Outcome } from './kind.ts'
import { startLonghaul } from './longhaul.ts'
import { runPair } from './series.ts'
import type { Pair } from './series.ts'
import { rowsOf } from './workloads.ts'
import type { Workload } from './workloads.ts'

const GOALS = { rate: { least: 1.5 }, cpu: { most: 0.8 }, peakMb: { mostMb: 250 } }

export const load: Kind = {
  name: 'load',
  about: 'longhaul beside a loader in Java, each workload; verification too',
  async run(bench) {
    const outcomes: Outcome[] = []
    for (const workload of bench.sizes.workloads) outcomes.push(await loadOne(bench, workload))
    return outcomes
  },
}

async function loadOne(bench: Bench, workload: Workload): Promise<Outcome> {
  const { farm, witness, loader, sizes } = bench
  const rows = rowsOf(workload, sizes.rows)
  await fillSource(farm, workload, rows)
  const series = {
    ground: { farm, witness, workload, rows },
    ours: () => startLonghaul(farm),
    theirs: () => startJava(farm, loader),
  }
  const pairs: Pair[] = []
  for (let i = 1; i <= sizes.pairs; i++) {
    farm.log(`${workload.name}: pair ${i} of ${sizes.pairs}`)
    pairs.push(await runPair(series))
  }
  await dropSource(farm, workload)
  return comparison(pairs, {
    name: `load-${workload.name}`,
    title: 'longhaul beside a loader in Java',
    about: `${rows} rows of ${workload.about}, pairs: ${pairs.length}`,
    peer: 'Java',
    goals: GOALS,
  })
}
