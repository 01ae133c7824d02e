import { countOf } from '../model/differing.ts'
import type { Differing, ProjectStatus } from '../model/project.ts'
import { print, printJson, projectName, usage, withProject, type Cli } from './command.ts'
import { unstableText } from './differing.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { columns, plural } from './numbers.ts'
import type { Snapshot } from './snapshot.ts'
import { isVerified } from './verify.ts'

export function addCorrect({ program, run }: Cli): void {
  program
    .command('correct')
    .summary('write the rows that differ anew')
    .description(
      'Write the rows that the last verification found to differ as they are in the source now, remove those the source does not have, and look at these rows again.',
    )
    .argument('<project>', 'the name of a project', projectName)
    .argument('[tables...]', 'names of tables, as status shows them; all that differ when left out')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--keys', 'with --dry-run: print the keys too, read from where they are kept')
    .option('--connections <file>', 'with --keys: how to reach that cluster', 'connections.yaml')
    .addHelpText(
      'after',
      `
Examples:
  $ longhaul correct shop --dry-run
  $ longhaul correct shop goods --dry-run --keys --connections connections.yaml
  $ longhaul correct shop

It ends with 0 when the rows are equal, with 4 when some still differ, or, of a dry run, when there are any. Rows that
changed during every look at them are not known to differ, nor to be equal: verify again.`,
    )
    .action((project, tables, { dryRun, keys, connections }) =>
      run(async (settings) => {
        if (keys === true && dryRun !== true) throw usage('--keys goes with --dry-run')
        if (dryRun !== true) return correctNow({ settings, project, tables })
        const { look } = await import('./look.ts')
        const { status } = await withProject(settings, project, (client) => look(client, project))
        const plan = planOf(status, tables)
        if (settings.json)
          printJson({
            project,
            tables: plan.map(({ name, differing }) => ({ name, ...differing })),
          })
        else print(planText(status, plan))
        if (keys === true) await printKeys(plan, connections, settings.json)
        return plan.length === 0 ? EXIT.ok : EXIT.differs
      }),
    )
}

interface Planned {
  readonly name: string
  readonly cluster: string
  readonly differing: Differing
}

/** What a correction would do, by table. */
export function planOf(status: ProjectStatus, tables: readonly string[]): readonly Planned[] {
  const unknown = tables.filter((name) => !(name in status.tables))
  if (unknown.length > 0) throw usage(`no such table: ${unknown.join(', ')}`)
  return Object.entries(status.differences ?? {})
    .filter(([name]) => tables.length === 0 || tables.includes(name))
    .map(([name, differing]) => ({
      name,
      differing,
      cluster:
        status.certificate?.tables.find((table) => table.name === name)?.to.split(':')[0] ?? '',
    }))
}

/** A line for each table. */
export function planText(status: ProjectStatus, plan: readonly Planned[]): string {
  const { project } = status
  const toCorrect = plan.filter(({ differing }) => countOf(differing) > 0)
  const unstable = plan.flatMap(({ name }) => {
    const text = unstableText(status, name)
    return text === null ? [] : [`${name}: ${text}`]
  })
  if (toCorrect.length === 0) return ['Nothing is known to differ.', ...unstable].join('\n')
  return [
    ...columns(
      toCorrect.map(({ name, differing: { missing, different, extra } }) => [
        name,
        `${plural(missing, 'row')} to write`,
        `${plural(different, 'row')} to write anew`,
        `${plural(extra, 'row')} to remove`,
      ]),
    ),
    ...unstable,
    '',
    `Correct them with: longhaul correct ${project}`,
  ].join('\n')
}

/** Keys are data: they go from where they are kept to whoever asked, and nowhere else. */
async function printKeys(
  plan: readonly Planned[],
  connections: string,
  json: boolean,
): Promise<void> {
  const { listDifferences } = await import('../workers/differences.ts')
  for (const { name, cluster, differing } of plan)
    for await (const page of listDifferences({ connections, cluster, list: differing.list }))
      for (const { key, verdict, columns: names } of page)
        if (json) print(JSON.stringify({ table: name, key, verdict, columns: names }))
        else print([name, verdict, key ?? '(no key makes this row)', ...names].join('  '))
}

async function correctNow({
  settings,
  project,
  tables,
}: {
  readonly settings: Parameters<typeof withProject>[0] & { readonly json: boolean }
  readonly project: string
  readonly tables: readonly string[]
}): Promise<ExitCode> {
  const { look } = await import('./look.ts')
  const before = await withProject(settings, project, async (client) => {
    const { tell } = await import('./temporal.ts')
    const { correct } = await import('./messages.ts')
    const now = await look(client, project)
    const argument = tables.length === 0 ? undefined : { tables }
    await tell(client, project, { control: correct, argument }, usage)
    return now
  })
  const { watch } = await import('./watch.ts')
  let after: Snapshot = before
  const exit = await watch(settings, project, (now) => {
    after = now
    return isVerified(now, before)
  })
  if (!settings.json) print(`\n${outcomeText(before.status, after.status, tables)}`)
  return exit
}

/** What became of the rows that differed. */
export const outcomeText = (
  before: ProjectStatus,
  after: ProjectStatus,
  tables: readonly string[],
): string =>
  Object.entries(before.differences ?? {})
    .filter(([name]) => tables.length === 0 || tables.includes(name))
    .map(([name, differing]) => {
      const were = countOf(differing)
      const still = after.differences?.[name]
      const left = still === undefined ? 0 : countOf(still)
      const again = `${name}: ${plural(were, 'row')} looked at again`
      if (left > 0)
        return `${again}, ${left} still differ: longhaul correct ${after.project} ${name} --dry-run --keys`
      return `${again}, ${unstableText(after, name) ?? 'every one equal now'}`
    })
    .join('\n')
