import type { Client } from '@temporalio/client'
import { print, printJson, projectName, withProject, type Cli } from './command.ts'
import { EXIT } from './exit.ts'
import { columns } from './numbers.ts'
import { outcomeOf } from './outcome.ts'
import { statusText } from './status-text.ts'

export function addStatus({ program, run }: Cli): void {
  program
    .command('status')
    .summary('show how a project stands')
    .description('Show how a project stands, or list all projects.')
    .argument('[project]', 'the name of a project; all of them when left out', projectName)
    .option('-w, --watch', 'draw progress bars, once a second, until the project ends')
    .addHelpText(
      'after',
      `
Examples:
  $ longhaul status                  all projects
  $ longhaul status shop             a line for each table, and what can be done now
  $ longhaul status shop --watch
  $ longhaul status shop --json | jq .status.tables

It ends with 5 while a question is open, with 4 when rows were found to differ.`,
    )
    .action((project, options) =>
      run(async (settings) => {
        if (project === undefined) {
          const all = await withProject(settings, undefined, listProjects)
          if (settings.json) printJson(all)
          else print(listText(all))
          return EXIT.ok
        }
        if (options.watch === true) {
          const { watch } = await import('./watch.ts')
          return watch(settings, project, ({ ended }) => ended !== null)
        }
        const { look } = await import('./look.ts')
        const now = await withProject(settings, project, (client) => look(client, project))
        if (settings.json) printJson(now)
        else print(statusText(now))
        return outcomeOf(now)
      }),
    )
}

/** A project as the list of workflows has it: no worker needs to run. */
export interface Listed {
  readonly project: string
  readonly execution: string
  readonly phase: string
  readonly state: string
  readonly startedAt: string
}

async function listProjects(client: Client): Promise<Listed[]> {
  const { ATTRIBUTES } = await import('./messages.ts')
  const newest = new Map<string, Listed>()
  const found = client.workflow.list({ query: `WorkflowType = 'migrateProject'` })
  for await (const { workflowId, status, startTime, typedSearchAttributes } of found) {
    if (newest.has(workflowId)) continue // the list begins with the newest
    newest.set(workflowId, {
      project: workflowId.replace(/^project\//, ''),
      execution: status.name.toLowerCase(),
      phase: typedSearchAttributes.get(ATTRIBUTES.phase) ?? '',
      state: typedSearchAttributes.get(ATTRIBUTES.state) ?? '',
      startedAt: startTime.toISOString(),
    })
  }
  return [...newest.values()]
}

/** A line for each project. */
export const listText = (all: readonly Listed[]): string =>
  all.length === 0
    ? 'There is no project yet. Start one with: longhaul start shop.yaml'
    : columns(
        all.map(({ project, phase, state, execution }) => [
          project,
          phase,
          execution === 'running' ? state : execution === 'completed' ? state : execution,
        ]),
      ).join('\n')
