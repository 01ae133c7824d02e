import type { Client } from '@temporalio/client'
import { SyncError } from '../model/errors.ts'
import { print, printJson, projectName, withProject, type Cli } from './command.ts'
import { EXIT } from './exit.ts'
import { gateLines } from './switch.ts'

export function addRollback({ program, run }: Cli): void {
  program
    .command('rollback')
    .summary('take a switchover back')
    .description(
      'Take a switchover back, as long as switch.rollbackWithin allows: the source is the one to use again, and changes are applied to HBase from where they stood. What an application wrote to HBase meanwhile is not in the source; the next verification finds it.',
    )
    .argument('<project>', 'the name of a project', projectName)
    .option('--dry-run', 'read every gate, and do nothing')
    .option('--confirm-writes-stopped', 'no application writes to HBase from now on')
    .addHelpText(
      'after',
      `
Examples:
  $ longhaul rollback shop --dry-run
  $ longhaul rollback shop --confirm-writes-stopped

It ends with 6 when it is refused.`,
    )
    .action((project, options) =>
      run(async (settings) => {
        const { tell } = await import('./temporal.ts')
        const { rollback } = await import('./messages.ts')
        const dryRun = options.dryRun === true
        const argument = { writersStopped: options.confirmWritesStopped === true, dryRun }
        const answer = await withProject(settings, project, async (client) => {
          await expectWayBack(client, project)
          return tell(client, project, { control: rollback, argument }, refused)
        })
        if (settings.json) printJson({ project, ...answer })
        if (dryRun) {
          if (!settings.json) print(gateLines(answer.gates).join('\n'))
          return answer.because === null ? EXIT.ok : EXIT.refused
        }
        if (!answer.rolledBack) throw refused(answer.because ?? 'no reason was given')
        if (!settings.json) print(doneText(project))
        return EXIT.ok
      }),
    )
}

/** A project that ended has no triggers any more: whatever was written since is known to nobody. */
async function expectWayBack(client: Client, project: string): Promise<void> {
  const { projectId } = await import('./messages.ts')
  const { status } = await client.workflow.getHandle(projectId(project)).describe()
  if (status.name !== 'RUNNING')
    throw refused(
      `${project} has ended and its triggers are gone, so nobody knows what was written to the source since. Start it again with --again to copy everything anew`,
    )
}

const refused = (because: string): SyncError =>
  new SyncError(
    'ROLLBACK_REFUSED',
    because.includes('confirmed')
      ? `${because}. When none does, say --confirm-writes-stopped`
      : because,
  )

const doneText = (project: string): string =>
  [
    `${project} is rolled back: point the application at the source again, every change there is applied to HBase.`,
    `All is verified anew; watch it with: longhaul status ${project}`,
  ].join('\n')
