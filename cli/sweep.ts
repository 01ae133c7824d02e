import type { Client } from '@temporalio/client'
import { InvalidArgumentError } from '@commander-js/extra-typings'
import { print, printJson, withProject, type Cli } from './command.ts'
import { EXIT } from './exit.ts'
import { columns } from './numbers.ts'
import type { SweepOrphans, Swept } from './messages.ts'

export function addSweep({ program, run }: Cli): void {
  program
    .command('sweep')
    .summary('find what terminated projects left behind')
    .description(
      'Find triggers and log rows of projects whose workflow is gone, in every source the workers know. Only names them, unless told to release them.',
    )
    .option('--release', 'take them out of the sources')
    .option('--also <projects...>', 'release these too, although nobody here has heard of them')
    .option('--minutes <number>', 'only what ended longer ago', minutesOf, 60)
    .addHelpText(
      'after',
      `
Examples:
  $ longhaul sweep
  $ longhaul sweep --release --minutes 5`,
    )
    .action((options) =>
      run(async (settings) => {
        const { release = false, also = [], minutes } = options
        const input = { release, also, minutes }
        const swept = await withProject(settings, undefined, (client) => sweep(client, input))
        if (settings.json) printJson(swept)
        else print(sweptText(swept))
        return EXIT.ok
      }),
    )
}

function minutesOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Say a whole number of minutes.')
}

async function sweep(client: Client, input: SweepOrphans): Promise<Swept> {
  const { CONTROL_QUEUE } = await import('./messages.ts')
  const { expectWorker } = await import('./temporal.ts')
  await expectWorker(client, CONTROL_QUEUE)
  return client.workflow.execute<(input: SweepOrphans) => Promise<Swept>>('sweepOrphans', {
    workflowId: `longhaul/sweep/${Date.now()}`,
    taskQueue: CONTROL_QUEUE,
    args: [input],
    staticSummary: 'sweep orphans',
  })
}

/** A line for each project and source, and what can be done about those that are left. */
export function sweptText({ orphans, unseen }: Swept): string {
  const failed = Object.entries(unseen).map(([source, why]) => `Not looked at: ${source}: ${why}`)
  if (orphans.length === 0) return ['Nothing was left behind.', ...failed].join('\n')
  const left = orphans.filter(({ released }) => !released)
  const unknown = left.filter(({ ended }) => ended === null).map(({ project }) => project)
  return [
    ...columns(
      orphans.map(({ project, source, ended, released }) => [
        project,
        source,
        ended ?? 'unknown here',
        released ? 'released' : 'left as it is',
      ]),
    ),
    ...failed,
    ...(left.length > unknown.length ? ['', 'Take them out with: longhaul sweep --release'] : []),
    ...(unknown.length > 0
      ? [
          '',
          'Nobody here has heard of some: another Temporal or namespace may be using them. If none does:',
          `  longhaul sweep --release --also ${[...new Set(unknown)].join(' ')}`,
        ]
      : []),
  ].join('\n')
}
