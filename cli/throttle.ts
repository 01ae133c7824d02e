import { InvalidArgumentError } from '@commander-js/extra-typings'
import { print, printJson, projectName, usage, withProject, type Cli } from './command.ts'
import { EXIT } from './exit.ts'
import type { Throttling } from './messages.ts'

export function addThrottle({ program, run }: Cli): void {
  program
    .command('throttle')
    .summary('change the limits of a running project')
    .description(
      'Change limits while a project runs. What is under way takes them up within seconds and loses nothing; status shows them.',
    )
    .argument('<project>', 'the name of a project', projectName)
    .option('--rows-per-second <n>', 'rows read in a second, for each range', limit)
    .option('--threads-running <n>', 'wait while more threads run in the source', limit)
    .option('--replication-lag <seconds>', 'wait while a replica of it is further behind', limit)
    .addHelpText(
      'after',
      `
Examples:
  $ longhaul throttle shop --rows-per-second 5000
  $ longhaul throttle shop --threads-running 30
  $ longhaul throttle shop --rows-per-second none       no limit any more`,
    )
    .action((project, { rowsPerSecond, threadsRunning, replicationLag }) =>
      run(async (settings) => {
        const argument: Throttling = {
          ...(rowsPerSecond === undefined ? {} : { rowsPerSecond }),
          ...(threadsRunning === undefined ? {} : { threadsRunning }),
          ...(replicationLag === undefined ? {} : { replicationLagSeconds: replicationLag }),
        }
        if (Object.keys(argument).length === 0)
          throw usage('name a limit: --rows-per-second, --threads-running or --replication-lag')
        const { tell } = await import('./temporal.ts')
        const { throttle } = await import('./messages.ts')
        const answered = await withProject(settings, project, (client) =>
          tell(client, project, { control: throttle, argument }, usage),
        )
        if (settings.json) printJson({ project, answered })
        else print(`${project}: ${answered}`)
        return EXIT.ok
      }),
    )
}

/** A whole number from 1 on, or `none`. */
function limit(text: string): number | null {
  if (text === 'none') return null
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It should be a whole number from 1 on, or none.')
}
