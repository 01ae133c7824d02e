import type { Client } from '@temporalio/client'
import type { Project } from '../model/project.ts'
import type { migrateProject } from '../workflows/migrate-project.ts'
import { print, printJson, projectName, usage, withProject, type Cli } from './command.ts'
import { EXIT } from './exit.ts'
import { plural } from './numbers.ts'

export function addStart({ program, run }: Cli): void {
  program
    .command('start')
    .summary('start a project')
    .description(
      'Start a project from its file, or by its name when the worker has the file in its projects folder.',
    )
    .argument('<project>', 'a project file (shop.yaml), or the name of a project')
    .option('--wait', 'show progress until the project is done or needs a person')
    .option('--proven-copy', 'stop after the verification and take the capture back')
    .option('--again', 'start a project again that has been switched over')
    .addHelpText(
      'after',
      `
Examples:
  $ longhaul start shop.yaml          the file is read here, the logins stay with the workers
  $ longhaul start shop               the worker finds shop.yaml in its projects folder
  $ longhaul start shop.yaml --wait   ends with 0 when ready to switch over, 4 when rows differ`,
    )
    .action((given, options) =>
      run(async (settings) => {
        const wanted = await projectOf(given)
        await withProject(settings, wanted.project, async (client) => {
          await refuseAgain(client, wanted.project, options.again === true)
          await start(client, wanted, options.provenCopy === true)
        })
        if (options.wait === true) {
          const { watch } = await import('./watch.ts')
          return watch(settings, wanted.project)
        }
        if (settings.json) printJson({ started: `project/${wanted.project}` })
        else print(startedText(wanted))
        return EXIT.ok
      }),
    )
}

interface Wanted {
  readonly project: string
  readonly spec?: Project
}

async function projectOf(given: string): Promise<Wanted> {
  if (!/[/\\]|\.ya?ml$|\.json$/.test(given)) return { project: projectName(given) }
  const { loadProject } = await import('../config/project.ts')
  const spec = await loadProject(given)
  return { project: spec.name, spec }
}

/** Rows that the application has written to HBase since its switchover would be overwritten. */
async function refuseAgain(client: Client, project: string, again: boolean): Promise<void> {
  if (again) return
  const { resultOf } = await import('./look.ts')
  if ((await resultOf(client, project))?.switched === true)
    throw usage(
      `${project} has been switched over. Starting it again would overwrite what was written to HBase since; say --again if that is wanted`,
    )
}

async function start(client: Client, wanted: Wanted, copy: boolean): Promise<void> {
  const { CONTROL_QUEUE, projectId } = await import('./messages.ts')
  await client.workflow.start<typeof migrateProject>('migrateProject', {
    workflowId: projectId(wanted.project),
    taskQueue: CONTROL_QUEUE,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    args: [{ ...wanted, ...(copy ? { to: 'verify' as const } : {}) }],
    staticSummary: `${wanted.project}: migration to HBase`,
    memo: memoOf(wanted),
  })
}

const memoOf = ({ spec }: Wanted): Record<string, string | number> =>
  spec === undefined
    ? {}
    : {
        sources: [...new Set(spec.tables.map(({ source }) => source))].join(', '),
        clusters: [...new Set(spec.tables.map(({ cluster }) => cluster))].join(', '),
        tables: spec.tables.length,
      }

/** What a person does after a start. */
export const startedText = ({ project, spec }: Wanted): string =>
  [
    `Started project/${project}${spec === undefined ? '' : ` with ${plural(spec.tables.length, 'table')}`}.`,
    `Watch it with: longhaul status ${project} --watch`,
  ].join('\n')
