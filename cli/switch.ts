import { SyncError } from '../model/errors.ts'
import { print, printJson, projectName, withProject, type Cli } from './command.ts'
import { EXIT } from './exit.ts'

export function addSwitch({ program, run }: Cli): void {
  program
    .command('switch')
    .summary('switch over to HBase, if that is safe')
    .description(
      'Check every gate, drain the last changes, verify everything once more, and declare HBase the one to use. Refused, it changes nothing.',
    )
    .argument('<project>', 'the name of a project', projectName)
    .option('--confirm-writes-stopped', 'nothing but longhaul writes to the source from now on')
    .addHelpText(
      'after',
      `
Examples:
  $ longhaul switch shop                            says what stands in the way
  $ longhaul switch shop --confirm-writes-stopped

It ends with 6 when it is refused.`,
    )
    .action((project, options) =>
      run(async (settings) => {
        const { tell } = await import('./temporal.ts')
        const { switchOverNow } = await import('./messages.ts')
        const argument = { writersStopped: options.confirmWritesStopped === true }
        const answer = await withProject(settings, project, (client) =>
          tell(client, project, { control: switchOverNow, argument }, refused),
        )
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

const switchedText = (project: string): string =>
  [
    `${project} is switched over: every row was equal while nobody wrote. Point the application at HBase.`,
    `The proof: longhaul certificate ${project}`,
  ].join('\n')
