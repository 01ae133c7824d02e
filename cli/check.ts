import type { AddedTime } from '../model/cost.ts'
import type { Project } from '../model/project.ts'
import type { Inspected } from '../workers/check.ts'
import { print, printJson, usage, type Cli } from './command.ts'
import { EXIT } from './exit.ts'
import { columns, plural } from './numbers.ts'

export function addCheck({ program, run }: Cli): void {
  program
    .command('check')
    .summary('say what stands in the way of a project')
    .description(
      'Read a project file and say all that is wrong with it. With --connections look at every table and its target too, as a start will; touches nothing.',
    )
    .argument('<file>', 'a project file')
    .option('--connections <file>', 'logins of sources and clusters: look at the tables too')
    .option(
      '--cost',
      'measure what the triggers add to each change, on copies of 2,000 rows in the schema of longhaul',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ longhaul check shop.yaml
  $ longhaul check shop.yaml --connections connections.yaml --cost

It ends with 6 when something stands in the way of a start.`,
    )
    .action((file, { connections, cost = false }) =>
      run(async ({ json }) => {
        if (cost && connections === undefined)
          throw usage('--cost has to look at the sources: say --connections connections.yaml too')
        const { loadProject } = await import('../config/project.ts')
        const project = await loadProject(file)
        const inspected = connections === undefined ? [] : await look(project, connections, cost)
        if (json) printJson(connections === undefined ? project : inspected)
        else print([rightText(file, project), ...inspectedText(inspected)].join('\n'))
        return blocked(inspected).length > 0 ? EXIT.refused : EXIT.ok
      }),
    )
}

async function look(
  project: Project,
  connections: string,
  cost: boolean,
): Promise<readonly Inspected[]> {
  const { inspect } = await import('../workers/check.ts')
  return inspect(project, connections, { cost })
}

const rightText = (file: string, { name, tables }: Project): string => {
  const clusters = new Set(tables.map(({ cluster }) => cluster))
  return `${file} is right: project ${name}, ${plural(tables.length, 'table')} to ${[...clusters].join(', ')}`
}

const blocked = (inspected: readonly Inspected[]): readonly Inspected[] =>
  inspected.filter(({ findings }) => findings.some(({ blocks }) => blocks))

/** What was found of each table, and then what capture costs. */
export function inspectedText(inspected: readonly Inspected[]): readonly string[] {
  if (inspected.length === 0) return []
  const tables = columns(
    inspected.map(({ table, from, to, rows }) => [
      `  ${table}`,
      rows === null ? 'cannot be moved' : `about ${plural(rows, 'row')}`,
      `${from} to ${to}`,
    ]),
  )
  const lines = inspected.flatMap(({ findings }, i) => [
    tables[i] ?? '',
    ...findings.map(
      ({ code, about, text, blocks }) =>
        `      ${blocks ? 'blocks' : 'note'}: ${about === '' ? '' : `${about}: `}${text} [${code}]`,
    ),
  ])
  const refused = blocked(inspected).length
  return [
    '',
    ...lines,
    ...costText(inspected),
    '',
    refused === 0 ? 'Ready to start.' : `${plural(refused, 'table')} cannot be moved as it is.`,
  ]
}

function costText(inspected: readonly Inspected[]): readonly string[] {
  const measured = inspected.flatMap(({ table, cost }) => (cost === null ? [] : [{ table, cost }]))
  if (measured.length === 0) return []
  const rows = measured.map(({ table, cost }) => [
    `  ${table}`,
    added(cost.insert),
    added(cost.update),
    added(cost.delete),
    cost.rows === 0 ? 'empty: not measured' : `with ${plural(cost.rows, 'row')}`,
  ])
  return [
    '',
    'Microseconds the triggers add to each changed row, in statements of many rows (in brackets: without them):',
    ...columns([['  table', 'insert', 'update', 'delete', ''], ...rows]),
  ]
}

const added = (time: AddedTime | null): string =>
  time === null ? '-' : `+${time.added.toFixed(1)} (${time.plain.toFixed(1)})`
