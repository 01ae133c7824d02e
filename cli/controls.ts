import { SyncError } from '../model/errors.ts'
import {
  print,
  printJson,
  projectName,
  usage,
  withProject,
  type Cli,
  type Settings,
} from './command.ts'
import { EXIT, type ExitCode } from './exit.ts'
import type { Control } from './messages.ts'

/** Pause, resume, reload, answer and release: what a person says to a running project. */
export function addControls(cli: Cli): void {
  addPause(cli)
  addReload(cli)
  addAnswer(cli)
  addRelease(cli)
}

function addPause({ program, run }: Cli): void {
  program
    .command('pause')
    .summary('stop taking new work')
    .description('Stop taking new work. What runs is finished first; nothing is lost either way.')
    .argument('<project>', 'the name of a project', projectName)
    .option('--now', 'also interrupt what runs; it goes on at the same row')
    .option('--reason <text>', 'kept with the project')
    .action((project, { now, reason }) =>
      run(async (settings) => {
        const { pause } = await import('./messages.ts')
        const argument = {
          mode: now === true ? ('now' as const) : ('drain' as const),
          ...(reason === undefined ? {} : { reason }),
        }
        return say(settings, project, { control: pause, argument })
      }),
    )
  program
    .command('resume')
    .description('Go on after a pause.')
    .argument('<project>', 'the name of a project', projectName)
    .action((project) =>
      run(async (settings) => {
        const { resume } = await import('./messages.ts')
        return say(settings, project, { control: resume, argument: undefined })
      }),
    )
}

function addReload({ program, run }: Cli): void {
  program
    .command('reload')
    .summary('take tables as they are now')
    .description(
      'Take tables as they are now and load them again: after a column was added or changed, a trigger dropped, a table truncated. The others are kept in step meanwhile.',
    )
    .argument('<project>', 'the name of a project', projectName)
    .argument('<tables...>', 'names of tables, as status shows them')
    .addHelpText('after', '\nExample:\n  $ longhaul reload shop goods')
    .action((project, tables) =>
      run(async (settings) => {
        const { reload } = await import('./messages.ts')
        return say(settings, project, { control: reload, argument: { tables } })
      }),
    )
}

function addAnswer({ program, run }: Cli): void {
  program
    .command('answer')
    .description('Answer the question that a project asks; status shows it with its answers.')
    .argument('<project>', 'the name of a project', projectName)
    .argument('<question>', 'the id of the question')
    .argument('<option>', 'one of its options')
    .addHelpText('after', '\nExample:\n  $ longhaul answer shop load-slow continue')
    .action((project, questionId, option) =>
      run(async (settings) => {
        const { answer } = await import('./messages.ts')
        const control = { control: answer, argument: { questionId, option } }
        return say(
          settings,
          project,
          control,
          (because) => new SyncError('QUESTION_NONE', `${questionId}. ${because}`),
        )
      }),
    )
}

function addRelease({ program, run }: Cli): void {
  program
    .command('release')
    .summary('end a project and clean up its sources')
    .description(
      'Give up: end the project and take every trigger and log row out of its sources. What was written to HBase stays.',
    )
    .argument('<project>', 'the name of a project', projectName)
    .option('--no-wait', 'do not wait until everything is taken back')
    .action((project, options) =>
      run(async (settings) => {
        const { release } = await import('./messages.ts')
        await say(settings, project, { control: release, argument: undefined })
        if (!options.wait) return EXIT.ok
        const { projectId } = await import('./messages.ts')
        await withProject(settings, project, (client) =>
          client.workflow.getHandle(projectId(project)).result(),
        )
        if (!settings.json) print('Nothing of it is left in the sources.')
        return EXIT.ok
      }),
    )
}

async function say<Argument>(
  settings: Settings,
  project: string,
  said: { control: Control<Argument>; argument: Argument },
  refused: (because: string) => Error = usage,
): Promise<ExitCode> {
  const { tell } = await import('./temporal.ts')
  const answered = await withProject(settings, project, (client) =>
    tell(client, project, said, refused),
  )
  if (settings.json) printJson({ project, answered })
  else print(`${project}: ${answered}`)
  return EXIT.ok
}
