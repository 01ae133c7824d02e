import { between, oneOf, seeded, type Random } from '../faults/random.ts'
import type { LogName } from './log.ts'
import type { Sizes } from './source.ts'

/** One statement of an application; a `write` inserts the row when it is not there. */
export type Change =
  | { readonly kind: 'write'; readonly key: string; readonly a?: Text; readonly b?: Text }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'move'; readonly key: string; readonly to: string }

type Text = string | null

/** The statements of one transaction; each changes one row or two. */
export interface Deal {
  readonly statements: readonly (readonly Change[])[]
  readonly ends: 'commit' | 'rollback'
}

/** Who takes part in an interleaving, and with what; who goes first is another matter. */
export interface Plan {
  readonly log: LogName
  readonly rows: readonly Change[]
  readonly writers: readonly (readonly Deal[])[]
  /** For each applier, how many batches. */
  readonly appliers: readonly number[]
  /** Most changes in a batch. */
  readonly limit: number
  /** For each load, how many rows a range has. */
  readonly loads: readonly number[]
  /** Log rows that are folded at once, or 0. */
  readonly compacts: number
  /** Keys that somebody asks to have written again. */
  readonly refreshes: readonly string[]
  readonly sizes: Sizes
  /** Kills, lost answers and actors taken for dead. */
  readonly faults: number
  /** Major compactions of the target, and jumps of the source's clock. */
  readonly upheavals: number
  /** Some values are longer than the target takes. */
  readonly poison: boolean
}

/** A value that no target of these plans takes. */
export const LONG = 'x'.repeat(200)

const KEYS = ['a', 'b', 'c', 'd'] as const

/** Small plans, because few actors with few keys meet most often. */
export function planOf(seed: number): Plan {
  const random = seeded(seed)
  const keys = KEYS.slice(0, oneOf(random, [1, 2, 2, 3, 4]))
  let values = 0
  const poison = random() < 0.1
  const text = (): Text => {
    if (random() < 0.25) return null
    const long = poison && random() < 0.4 ? LONG : ''
    return `v${String(++values)}${long}`
  }
  const change = (): Change => changeOf(random, keys, text)
  return {
    log: random() < 0.5 ? 'append' : 'dedupe',
    rows: keys
      .filter(() => random() < 0.7)
      .map((key): Change => ({ kind: 'write', key, a: text(), b: text() })),
    writers: listOf(between(random, 1, 3), () =>
      listOf(between(random, 1, 2), (): Deal => ({
        statements: listOf(between(random, 1, 3), () =>
          random() < 0.2 ? [change(), change()] : [change()],
        ),
        ends: random() < 0.1 ? 'rollback' : 'commit',
      })),
    ),
    appliers: listOf(between(random, 1, 2), () => between(random, 1, 3)),
    limit: oneOf(random, [1, 2, 3, 1000]),
    loads: random() < 0.5 ? listOf(between(random, 1, 2), () => oneOf(random, [1, 2, 1000])) : [],
    compacts: random() < 0.3 ? oneOf(random, [2, 3, 1000]) : 0,
    refreshes: random() < 0.2 ? [oneOf(random, keys)] : [],
    sizes: {
      page: between(random, 1, 3),
      matched: between(random, 1, 2),
      acknowledged: between(random, 1, 2),
      compacted: between(random, 1, 2),
    },
    faults: oneOf(random, [0, 0, 1, 2]),
    upheavals: oneOf(random, [0, 0, 1, 2, 3]),
    poison,
  }
}

function changeOf(random: Random, keys: readonly string[], text: () => Text): Change {
  const key = oneOf(random, keys)
  const dice = random()
  if (dice < 0.25) return { kind: 'delete', key }
  const to = oneOf(random, keys)
  if (dice < 0.4 && to !== key) return { kind: 'move', key, to }
  if (dice < 0.6) return { kind: 'write', key, a: text() }
  if (dice < 0.8) return { kind: 'write', key, b: text() }
  return { kind: 'write', key, a: text(), b: text() }
}

const listOf = <Item>(length: number, make: () => Item): Item[] => Array.from({ length }, make)
