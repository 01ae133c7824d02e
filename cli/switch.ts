import { SyncError } from '../model/errors.ts'
import { print, printJson, projectName, withProject, type Cli } from './command.ts'
import type { Gate } from '../model/project.ts'
import { EXIT } from './exit.ts'
import { columns } from './numbers.ts'

export function addSwitch({ program, run }: Cli): void {
  program
    .command('switch')
    .summary('switch over to HBase, if that is safe')
    .description(
      'Check every gate, drain the last changes, verify everything once more, and declare HBase the one to use. Refused, it changes nothing.',
    )
    .argument('<project>', 'the name of a project', projectName)
    .option('--dry-run', 'read every gate, and do nothing')
    .option('--confirm-writes-stopped', 'nothing but longhaul writes to the source from now on')
    .addHelpText(
      'after',
      `
Examples:
  $ longhaul switch shop --dry-run                  every gate with its reading
  $ longhaul switch shop --confirm-writes-stopped

It ends with 6 when it is refused.`,
    )
    .action((project, options) =>
      run(async (settings) => {
        const { tell } = await import('./temporal.ts')
        const { switchOverNow } = await import('./messages.ts')
        const dryRun = options.dryRun === true
        const argument = { writersStopped: options.confirmWritesStopped === true, dryRun }
        const answer = await withProject(settings, project, (client) =>
          tell(client, project, { control: switchOverNow, argument }, refused),
        )
        if (dryRun) {
          if (settings.json) printJson({ project, ...answer })
          else print(gatesText(project, answer.gates))
          return answer.because === null ? EXIT.ok : EXIT.refused
        }
        if (!answer.switched) throw refused(answer.because ?? 'no reason was given')
        if (settings.json) printJson({ project, ...answer })
        else print(switchedText(project))
        return EXIT.ok
      }),
    )
}

/** Why it was not done; what is missing from the command is said as the command to type. */
export const refused = (because: string): SyncError =>
  new SyncError(
    'SWITCH_REFUSED',
    because.includes('confirmed')
      ? `${because}. When they are, say --confirm-writes-stopped`
      : because,
  )

/** A line for each gate: whether it is open, its name and reading. */
export const gateLines = (gates: readonly Gate[]): string[] =>
  columns(
    gates.map(({ name, reading, because }) => [because === null ? 'ok' : 'NO', name, reading]),
  )

/** A line for each gate; those that only a switchover itself can ask are named too. */
export const gatesText = (project: string, gates: readonly Gate[]): string =>
  [
    ...gateLines(gates),
    '',
    'The switchover itself then asks: is no transaction open, does the log run empty, is every row equal, and did',
    'nobody write meanwhile?',
    ...(gates.every(({ because }) => because === null)
      ? [`Switch over with: longhaul switch ${project} --confirm-writes-stopped`]
      : []),
  ].join('\n')

const switchedText = (project: string): string =>
  [
    `${project} is switched over: every row was equal while nobody wrote. Point the application at HBase.`,
    `The proof: longhaul certificate ${project}`,
  ].join('\n')
