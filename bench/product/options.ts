import { Argument, Command, Option } from '@commander-js/extra-typings'
import { countFrom, countsFrom } from '../count.ts'
import { drain } from './drain.ts'
import type { SourceName } from './farm.ts'
import type { Kind, Sizes } from './kind.ts'
import { lag } from './lag.ts'
import { load } from './load.ts'
import { peers } from './peers.ts'
import { resume } from './resume.ts'
import { sizes } from './sizes.ts'
import { start } from './start.ts'
import { WORKLOADS, workloadOf } from './workloads.ts'

const KINDS: readonly Kind[] = [load, peers, sizes, drain, lag, start, resume]

/** A little of everything. */
const QUICK = {
  rows: 100_000,
  pairs: 1,
  sizes: [50_000, 100_000, 200_000],
  changes: 100_000,
  seconds: 10,
  starts: 3,
  kills: 1,
  slowRows: 10_000,
}

interface Wanted {
  readonly kinds: readonly Kind[]
  readonly sizes: Sizes
  readonly source: SourceName
  readonly save: boolean
}

/** `words` are those of the process. */
export function readCommand(words: readonly string[]): Wanted {
  const command = new Command('bench')
    .description('How fast longhaul moves and follows tables, and at what cost.')
    .addArgument(
      new Argument('[kinds...]', 'what is measured; all of it by default').choices(
        KINDS.map(({ name }) => name),
      ),
    )
    .option('--rows <count>', 'rows of one load', countFrom(1), 1_000_000)
    .option('--pairs <count>', 'how often comparisons and drains are repeated', countFrom(1), 3)
    .addOption(
      new Option('--workload <name...>', 'load: what the rows are like; all by default')
        .choices(WORKLOADS.map(({ name }) => name))
        .default(WORKLOADS.map(({ name }) => name)),
    )
    .option(
      '--sizes <counts>',
      'sizes: rows of each load, with commas',
      countsFrom(1),
      [100_000, 1_000_000, 10_000_000],
    )
    .option('--changes <count>', 'drain: changes in the log', countFrom(1), 1_000_000)
    .option(
      '--rates <counts>',
      'lag: changes a second, with commas',
      countsFrom(1),
      [10, 500, 2000],
    )
    .option('--seconds <count>', 'lag: how long at each rate', countFrom(1), 60)
    .option('--starts <count>', 'start: how many projects', countFrom(1), 7)
    .option('--kills <count>', 'resume: how many workers', countFrom(1), 5)
    .option('--slow-rows <count>', 'peers: rows of hbase-rpc-client', countFrom(1), 20_000)
    .addOption(
      new Option('--source <name>', 'where rows come from')
        .choices(['mysql', 'mariadb'] as const)
        .default('mysql' as const),
    )
    .option('--quick', 'a little of everything; wins over the numbers')
    .option('--no-save', 'leave bench/results as it is')
    .addHelpText(
      'after',
      `\nKinds:\n${KINDS.map(({ name, about }) => `  ${name.padEnd(8)} ${about}`).join('\n')}`,
    )
    .parse(words)
  const { workload, source, save, quick, ...numbers } = command.opts()
  const [named] = command.processedArgs
  return {
    kinds: named.length === 0 ? KINDS : KINDS.filter(({ name }) => named.includes(name)),
    sizes: {
      ...numbers,
      ...(quick === true ? QUICK : {}),
      workloads: workload.map(workloadOf),
    },
    source,
    save,
  }
}
