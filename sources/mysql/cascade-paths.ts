import type { Session } from './client.ts'
import { isGranted, type Grant } from './grants.ts'
import { qualified, splitName } from './names.ts'
import { referencesOf, type Reference } from './references.ts'

/** Foreign keys between a statement and the rows it reaches; a longer way is not followed. */
const MOST_STEPS = 8

/** Ways to one table; a schema with more is not one that anybody follows. */
const MOST_PATHS = 256

/**
 * One step of a cascade, from a row to the rows that point at it. Several foreign keys in one step are those
 * of a table that deletes its own rows: such a step goes on as long as it finds rows.
 */
export interface Step {
  readonly repeats: boolean
  readonly references: readonly [Reference, ...Reference[]]
}

/** From the captured table upwards: the first step holds its foreign key, the last one points at the statement's table. */
export type Path = readonly [Step, ...Step[]]

export const parentOf = (path: Path): string => (path.at(-1) ?? path[0]).references[0].parent

/** What a statement does to the rows at the lower end of a path; null when nothing. */
export type Effect =
  | { readonly kind: 'delete' }
  /** By column, the parent's column it takes the new value of, or null for NULL. */
  | { readonly kind: 'update'; readonly values: ReadonlyMap<string, string | null> }

/** A foreign key whose cascades no trigger can follow, and why. */
export interface Unfollowed {
  readonly reference: Reference
  readonly because: string
}

export interface Paths {
  readonly followed: readonly Path[]
  readonly unfollowed: readonly Unfollowed[]
}

/** Every way a statement on another row may change rows of this table without its triggers. */
export async function cascadePaths(
  session: Session,
  table: string,
  grants: readonly Grant[],
): Promise<Paths> {
  const followed: Path[] = []
  const unfollowed: Unfollowed[] = []
  const known = new Map<string, readonly Step[]>()
  let open: (readonly Step[])[] = [[]]
  while (open.length > 0) {
    const tops = [...new Set(open.map((path) => topOf(path, table)))]
    await learn(session, tops, known)
    const longer: Path[] = []
    for (const path of open)
      for (const step of known.get(topOf(path, table)) ?? []) {
        const next: Path = [...path, step] as readonly Step[] as Path
        if (!isAlive(next)) continue
        const because = obstacle(next, grants, followed.length + longer.length)
        if (because === null) longer.push(next)
        else unfollowed.push({ reference: next[0].references[0], because })
      }
    followed.push(...longer)
    open = longer
  }
  return { followed, unfollowed: distinct(unfollowed) }
}

const topOf = (path: readonly Step[], table: string): string =>
  path.at(-1)?.references[0].parent ?? table

/** Reads the foreign keys of tables not met before. */
async function learn(
  session: Session,
  tables: readonly string[],
  known: Map<string, readonly Step[]>,
): Promise<void> {
  const unknown = tables.filter((table) => !known.has(table))
  const references = await referencesOf(session, unknown)
  for (const table of unknown)
    known.set(table, stepsOf(references.filter(({ child }) => child === table)))
}

function stepsOf(references: readonly Reference[]): readonly Step[] {
  const [first, ...others] = references.filter(repeats)
  const single = references
    .filter((reference) => !repeats(reference))
    .map((reference): Step => ({ repeats: false, references: [reference] }))
  if (first === undefined) return single
  return [...single, { repeats: true, references: [first, ...others] }]
}

const repeats = ({ child, parent, onDelete }: Reference): boolean =>
  child === parent && onDelete === 'CASCADE'

/** A step that repeats has found all there is: taking it twice finds nothing new. */
function isAlive(path: Path): boolean {
  const twice = path.length > 1 && path.at(-1)?.repeats === true && path.at(-2)?.repeats === true
  return !twice && (effectOf(path, 'DELETE') !== null || effectOf(path, 'UPDATE') !== null)
}

/** What a statement on the table at the upper end does to the rows at the lower end. */
export function effectOf(path: Path, event: 'DELETE' | 'UPDATE'): Effect | null {
  const top = path.at(-1)?.references[0]
  let effect: Effect | null =
    event === 'DELETE'
      ? { kind: 'delete' }
      : { kind: 'update', values: new Map(top?.referenced.map((name) => [name, name])) }
  for (const step of [...path].reverse()) effect = effect && below(step, effect)
  return effect
}

function below({ repeats, references: [reference] }: Step, above: Effect): Effect | null {
  if (above.kind === 'delete') {
    if (repeats || reference.onDelete === 'CASCADE') return above
    return reference.onDelete === 'SET NULL' ? nulled(reference) : null
  }
  // InnoDB refuses to renumber the rows of one table in a cascade
  if (repeats || !reference.referenced.some((name) => above.values.has(name))) return null
  if (reference.onUpdate === 'SET NULL') return nulled(reference)
  if (reference.onUpdate !== 'CASCADE') return null
  const values = reference.columns.flatMap((name, i) => {
    const value = above.values.get(reference.referenced[i] ?? '')
    return value === undefined ? [] : [[name, value] as const]
  })
  return { kind: 'update', values: new Map(values) }
}

const nulled = ({ columns }: Reference): Effect => ({
  kind: 'update',
  values: new Map(columns.map((name) => [name, null])),
})

/** Why a path cannot be followed by a trigger at its upper end; null when it can. */
function obstacle(path: Path, grants: readonly Grant[], already: number): string | null {
  const parent = parentOf(path)
  const { database, name } = splitName(parent)
  const lacking = ['SELECT', 'TRIGGER'].filter(
    (privilege) => !isGranted(grants, { privilege, database, table: name }),
  )
  if (lacking.length > 0)
    return `the account may not put a trigger on ${parent}; run as an administrator: GRANT ${lacking.join(', ')} ON ${qualified(parent)}`
  if (path.length > MOST_STEPS) {
    const tables = path.map(({ references: [{ child }] }) => child)
    const round = tables.find((table, i) => tables.indexOf(table) < i)
    return round === undefined
      ? `it begins more than ${MOST_STEPS} tables away, at ${parent}`
      : `it goes round in a circle over ${[...new Set(tables)].join(', ')}`
  }
  return already < MOST_PATHS ? null : `more than ${MOST_PATHS} ways lead to the table`
}

const distinct = (unfollowed: readonly Unfollowed[]): readonly Unfollowed[] => [
  ...new Map(
    unfollowed.map((one) => [`${one.reference.name} ${one.because}`, one] as const),
  ).values(),
]
