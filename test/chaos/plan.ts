import { between, oneOf, streamOf } from '../faults/random.ts'
import type { Random } from '../faults/random.ts'
import { KEY_SHAPES, VALUE_TYPES } from './columns.ts'
import type { ColumnPlan } from './columns.ts'
import { drawFaults } from './fault-plan.ts'
import type { FaultBudget, FaultPlan } from './fault-plan.ts'

export const PRODUCTS = ['mysql', 'mariadb'] as const
export type Product = (typeof PRODUCTS)[number]

/** Everything that a seed decides about a run. Plain JSON: it is printed when a run fails. */
export interface Plan {
  readonly seed: number
  readonly log: 'append' | 'dedupe'
  readonly codec: 'utf8' | 'bytes' | 'phoenix'
  readonly verify: 'points' | 'buckets'
  /** May the account see that a table was truncated? */
  readonly mayProcess: boolean
  readonly limits: {
    readonly rowsPerRange: number
    readonly rangesInParallel: number
    readonly rowsPerSecond: number
  }
  readonly tables: readonly TablePlan[]
  readonly writers: readonly WriterPlan[]
  /** How long the writers go on when everything was verified. */
  readonly liveMs: number
  readonly faults: readonly FaultPlan[]
}

export interface TablePlan {
  readonly name: string
  /** A name of KEY_SHAPES. */
  readonly key: string
  /** A unique key in place of a primary one. */
  readonly unique: boolean
  readonly columns: readonly ColumnPlan[]
  /** Numbers that keys are made of: 1 to this. */
  readonly numbers: number
  /** The share of them that is there at the start. */
  readonly filled: number
  /** A foreign key to the first table. */
  readonly parent: null | { readonly onDelete: string; readonly onUpdate: string }
  readonly rowKey: Readonly<Record<string, number | boolean>>
}

const ISOLATION = ['READ UNCOMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as const

export interface WriterPlan {
  readonly isolation: (typeof ISOLATION)[number]
  /** Between two transactions, at most. */
  readonly pauseMs: number
}

export interface Size {
  readonly writers: number
  readonly tables: number
  /** Of the largest table. */
  readonly numbers: number
  readonly faults: FaultBudget
}

export const USUAL: Size = {
  writers: 8,
  tables: 4,
  numbers: 1_500,
  faults: { most: 5, seconds: 25 },
}

/** For the tests of every push. */
export const SHORT: Size = {
  writers: 8,
  tables: 2,
  numbers: 400,
  faults: { most: 3, seconds: 10 },
}

export function planOf(seed: number, size: Size = USUAL): Plan {
  const random = streamOf(seed, 'plan')
  const codec = random() < 0.7 ? 'utf8' : oneOf(random, ['bytes', 'phoenix'] as const)
  const count = between(random, Math.min(2, size.tables), size.tables)
  return {
    seed,
    log: oneOf(random, ['append', 'append', 'dedupe'] as const),
    codec,
    verify: oneOf(random, ['points', 'buckets'] as const),
    mayProcess: random() < 0.5,
    limits: {
      rowsPerRange: between(random, 80, 900),
      rangesInParallel: between(random, 1, 3),
      rowsPerSecond: between(random, 150, 600),
    },
    tables: drawTables(random, count, size.numbers),
    writers: Array.from({ length: size.writers }, () => ({
      isolation: oneOf(random, ISOLATION),
      pauseMs: between(random, 5, 120),
    })),
    liveMs: between(random, 2_000, 6_000),
    faults: drawFaults(streamOf(seed, 'faults'), size.faults),
  }
}

function drawTables(random: Random, count: number, numbers: number): readonly TablePlan[] {
  const tables: TablePlan[] = []
  const isRelated = count > 1 && random() < 0.4
  for (let i = 0; i < count; i++) {
    const isParent = isRelated && i === 0
    const key = isParent ? 'int' : oneOf(random, Object.keys(KEY_SHAPES))
    tables.push({
      name: `${isParent ? 'parent' : 'table'}_${i}`,
      key,
      unique: !isParent && random() < 0.25,
      columns: drawColumns(random),
      numbers: between(random, 200, numbers),
      filled: random() < 0.1 ? 0 : 0.3 + random() * 0.6,
      parent:
        isRelated && i === 1
          ? {
              onDelete: oneOf(random, ['cascade', 'set null']),
              onUpdate: oneOf(random, ['cascade', 'set null']),
            }
          : null,
      rowKey: drawRowKey(random, key),
    })
  }
  return tables
}

const drawColumns = (random: Random): readonly ColumnPlan[] =>
  Array.from({ length: between(random, 1, 6) }, (_, i) => ({
    name: `c${i}`,
    type: oneOf(random, VALUE_TYPES),
  }))

function drawRowKey(random: Random, key: string): TablePlan['rowKey'] {
  const drawn = random()
  if (drawn < 0.6) return {}
  if (drawn < 0.8) return { salt: between(random, 2, 20) }
  return key === 'int' && random() < 0.5 ? { reverse: true } : { hash: true }
}
