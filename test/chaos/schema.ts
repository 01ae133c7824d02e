import { streamOf } from '../faults/random.ts'
import type { Random } from '../faults/random.ts'
import { drawValue, KEY_SHAPES } from './columns.ts'
import type { KeyShape } from './columns.ts'
import type { Plan, TablePlan } from './plan.ts'

const ROWS_AT_ONCE = 200

export function shapeOf({ key }: TablePlan): KeyShape {
  const shape = KEY_SHAPES[key]
  if (shape === undefined) throw new Error(`${key} is no shape of a key.`)
  return shape
}

/** `n` is the number a row was first inserted with; statements on several rows find them by it. */
export function createTable(table: TablePlan, parent: TablePlan | undefined): string {
  const { columns } = shapeOf(table)
  const names = columns.map(({ name }) => name).join(', ')
  const lines = [
    ...columns.map(({ name, type }) => `${name} ${type} not null`),
    'n int',
    ...(table.parent === null ? [] : ['ref int']),
    ...table.columns.map(({ name, type }) => `${name} ${type}`),
    `${table.unique ? 'unique' : 'primary'} key (${names})`,
    'key by_n (n)',
    ...(table.parent === null || parent === undefined
      ? []
      : [
          `foreign key (ref) references ${parent.name} (id)
             on delete ${table.parent.onDelete} on update ${table.parent.onUpdate}`,
        ]),
  ]
  return `create table ${table.name} (\n  ${lines.join(',\n  ')}\n) engine=InnoDB`
}

/** The columns an INSERT names, in the order of `rowOf`. */
export const columnsOf = (table: TablePlan): readonly string[] => [
  ...shapeOf(table).columns.map(({ name }) => name),
  'n',
  ...(table.parent === null ? [] : ['ref']),
  ...table.columns.map(({ name }) => name),
]

/** The values of one row in SQL. */
export function rowOf(
  table: TablePlan,
  random: Random,
  { number, spelling, parents }: { number: number; spelling: number; parents: number },
): string {
  const reference = random() < 0.3 ? 'null' : String(1 + Math.floor(random() * parents))
  const values = [
    ...shapeOf(table).of(number, spelling),
    String(number),
    ...(table.parent === null ? [] : [reference]),
    ...table.columns.map((column) => drawValue(random, column)),
  ]
  return `(${values.join(', ')})`
}

/** Statements that make the tables and their first rows. */
export function* firstStatements(plan: Plan): Generator<string> {
  const [parent] = plan.tables
  for (const table of plan.tables) {
    const random = streamOf(plan.seed, `rows of ${table.name}`)
    yield createTable(table, parent)
    const rows: string[] = []
    for (let number = 1; number <= table.numbers; number++) {
      // A parent has all of its rows, so that every reference is good at first
      if (random() > table.filled && !isParent(table, plan)) continue
      rows.push(rowOf(table, random, { number, spelling: 0, parents: parent?.numbers ?? 1 }))
    }
    for (let i = 0; i < rows.length; i += ROWS_AT_ONCE)
      yield insertInto(table, rows.slice(i, i + ROWS_AT_ONCE))
  }
}

export const insertInto = (table: TablePlan, rows: readonly string[], verb = 'insert'): string =>
  `${verb} into ${table.name} (${columnsOf(table).join(', ')}) values ${rows.join(', ')}`

const isParent = (table: TablePlan, plan: Plan): boolean =>
  table === plan.tables[0] && plan.tables.some(({ parent }) => parent !== null)
