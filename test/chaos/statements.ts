import { between, oneOf, streamOf } from '../faults/random.ts'
import type { Random } from '../faults/random.ts'
import { drawValue } from './columns.ts'
import type { Plan, TablePlan } from './plan.ts'
import { columnsOf, insertInto, rowOf, shapeOf } from './schema.ts'

/** What an application sends between two rests, in this order. */
export interface Transaction {
  readonly statements: readonly string[]
  /** One statement without BEGIN. */
  readonly single: boolean
}

/**
 * The endless stream of one writer. It depends on nothing but the seed: what the database answers changes
 * no later statement. Most keys are of a window that moves on, so that of every moment of the run there are
 * rows which were changed then for the last time, and whatever was lost then is not written again.
 */
export function* transactionsOf(plan: Plan, writer: number): Generator<Transaction> {
  const random = streamOf(plan.seed, `writer ${writer}`)
  const offset = writer % 2 === 0 ? 0 : random()
  for (let count = 0; ; count++) {
    const at: Place = { plan, random, share: offset + count / TRANSACTIONS_A_ROUND }
    const statements = Array.from({ length: lengthOf(random) }, () => statementsOf(at)).flat()
    if (statements.length === 1 && random() < 0.7) yield { statements, single: true }
    else yield { statements: ended(random, statements), single: false }
  }
}

/** After so many the window has been everywhere. */
const TRANSACTIONS_A_ROUND = 300
const WINDOW = 30

const lengthOf = (random: Random): number => oneOf(random, [1, 1, 1, 2, 2, 3, 5])

/** A transaction may go back to a savepoint, and all of it may be taken back. */
function ended(random: Random, statements: readonly string[]): readonly string[] {
  const whole = ['begin', ...statements]
  if (statements.length > 1 && random() < 0.25) {
    const at = between(random, 1, statements.length - 1)
    whole.splice(1 + at, 0, 'savepoint here')
    whole.push('rollback to here', ...(random() < 0.5 ? [statements[0] ?? ''] : []))
  }
  return [...whole, random() < 0.15 ? 'rollback' : 'commit']
}

interface Place {
  readonly plan: Plan
  readonly random: Random
  /** Where the window is, in rounds. */
  readonly share: number
}

type Kind = (at: Place, table: TablePlan) => readonly string[]

const KINDS: readonly (readonly [weight: number, kind: Kind])[] = [
  [15, (at, table) => [insertInto(table, [row(at, table)])]],
  [6, (at, table) => [insertInto(table, rows(at, table), 'insert ignore')]],
  [8, (at, table) => [insertInto(table, rows(at, table), 'replace')]],
  [10, upsert],
  [20, (at, table) => [`update ${table.name} set ${changes(at, table)} where ${key(at, table)}`]],
  [
    10,
    (at, table) => [`update ${table.name} set ${changes(at, table)} where ${nearby(at, table)}`],
  ],
  [3, (at, table) => [`update ${table.name} set n = n where ${nearby(at, table)}`]],
  [9, (at, table) => [`delete from ${table.name} where ${key(at, table)}`]],
  [3, (at, table) => [`delete from ${table.name} where ${nearby(at, table)} limit 5`]],
  [8, reinsert],
  [8, move],
  [5, swap],
  [4, respell],
  [3, shift],
]
const BAG = KINDS.flatMap(([weight, kind]) => Array.from({ length: weight }, () => kind))

const statementsOf = (at: Place): readonly string[] =>
  oneOf(at.random, BAG)(at, oneOf(at.random, at.plan.tables))

function upsert(at: Place, table: TablePlan): readonly string[] {
  const set = at.random() < 0.2 ? assignments(at, table, number(at, table)) : changes(at, table)
  return [`${insertInto(table, rows(at, table))} on duplicate key update ${set}`]
}

function reinsert(at: Place, table: TablePlan): readonly string[] {
  const same = number(at, table)
  const where = equals(table, same)
  return [`delete from ${table.name} where ${where}`, insertInto(table, [row(at, table, same)])]
}

function move(at: Place, table: TablePlan): readonly string[] {
  const to = number(at, table, 1.3)
  return [`update ${table.name} set ${assignments(at, table, to)} where ${key(at, table)}`]
}

/** Two rows exchange their keys, by way of a third one. */
function swap(at: Place, table: TablePlan): readonly string[] {
  const [one, other] = [number(at, table), number(at, table)]
  const between = table.numbers * 2 + one
  return [
    [one, between],
    [other, one],
    [between, other],
  ].map(
    ([from = 0, to = 0]) =>
      `update ${table.name} set ${assignments(at, table, to)} where ${equals(table, from)}`,
  )
}

/** The same key in other letters, where the collation has them equal. */
function respell(at: Place, table: TablePlan): readonly string[] {
  const same = number(at, table)
  const spelling = between(at.random, 0, 3)
  return [
    `update ${table.name} set ${assignments(at, table, same, spelling)} where ${equals(table, same)}`,
  ]
}

/** Keys of several rows go up by one, each into the place of the next. */
function shift(at: Place, table: TablePlan): readonly string[] {
  const [first] = shapeOf(table).columns
  if (table.key !== 'int' && table.key !== 'bigint') return respell(at, table)
  const name = first?.name ?? ''
  const down = at.random() < 0.5
  return [
    `update ${table.name} set ${name} = ${name} ${down ? '-' : '+'} 1
       where ${nearby(at, table)} order by ${name} ${down ? 'asc' : 'desc'}`,
  ]
}

function number({ random, share }: Place, { numbers }: TablePlan, room = 1.1): number {
  const most = Math.floor(numbers * room)
  if (random() < 0.06) return between(random, 1, most)
  const from = Math.floor((share % 1) * most)
  return 1 + ((from + between(random, 0, WINDOW)) % most)
}

const spellingOf = (random: Random): number => (random() < 0.6 ? 0 : between(random, 0, 3))

const row = (at: Place, table: TablePlan, same = number(at, table)): string =>
  rowOf(table, at.random, {
    number: same,
    spelling: spellingOf(at.random),
    parents: at.plan.tables[0]?.numbers ?? 1,
  })

const rows = (at: Place, table: TablePlan): readonly string[] =>
  Array.from({ length: between(at.random, 1, 4) }, () => row(at, table))

const key = (at: Place, table: TablePlan): string => equals(table, number(at, table))

function equals(table: TablePlan, same: number): string {
  const { columns, of } = shapeOf(table)
  const values = of(same, 0)
  return columns.map(({ name }, i) => `${name} = ${values[i] ?? ''}`).join(' and ')
}

function nearby(at: Place, table: TablePlan): string {
  const from = number(at, table)
  return `n between ${from} and ${from + between(at.random, 1, 8)}`
}

function assignments(at: Place, table: TablePlan, to: number, spelling = spellingOf(at.random)) {
  const { columns, of } = shapeOf(table)
  const values = of(to, spelling)
  return columns.map(({ name }, i) => `${name} = ${values[i] ?? ''}`).join(', ')
}

/** New values for some of the columns. */
function changes({ random, plan }: Place, table: TablePlan): string {
  const own = new Set(shapeOf(table).columns.map(({ name }) => name))
  const free = columnsOf(table).filter((name) => !own.has(name) && name !== 'n')
  const chosen = free.filter(() => random() < 0.5)
  const names = chosen.length > 0 ? chosen : [oneOf(random, free)]
  const parents = plan.tables[0]?.numbers ?? 1
  const value = (name: string): string => {
    const column = table.columns.find((one) => one.name === name)
    if (column !== undefined) return drawValue(random, column)
    return random() < 0.3 ? 'null' : String(between(random, 1, parents))
  }
  return names.map((name) => `${name} = ${value(name)}`).join(', ')
}
