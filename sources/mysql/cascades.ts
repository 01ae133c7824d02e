import type { TableSchema } from '../../model/table.ts'
import { effectOf, parentOf, type Effect, type Path, type Step } from './cascade-paths.ts'
import type { LogMode, LogQuery } from './log/mode.ts'
import { qualified, quote, splitName } from './names.ts'
import type { Reference } from './references.ts'
import { indented, keyText, type Trigger } from './triggers.ts'

/**
 * Triggers for what foreign keys do to a captured table. The server runs no trigger of a row that a cascade
 * changes, so the rows are looked up when the statement meets the row at the top, before it changes anything.
 * Rows logged twice, or that in the end were not changed, do no harm: a log row only says where to look.
 */
export function cascadeTriggers(
  captured: Captured,
  paths: readonly Path[],
  schema: string,
  mode: LogMode,
): readonly Trigger[] {
  const log = `${quote(schema)}.longhaul_log`
  const parents = [...new Set(paths.map(parentOf))].sort()
  return parents.flatMap((parent, i) => {
    const { database } = splitName(parent)
    const below = paths.filter((path) => parentOf(path) === parent)
    return EVENTS.flatMap((event): Trigger[] => {
      const statements = below.flatMap((path) => statement(captured, path, event, { log, mode }))
      if (statements.length === 0) return []
      const name = `longhaul${captured.sourceId}_b${event === 'DELETE' ? 'd' : 'u'}${i + 1}`
      const body = `BEGIN\n${statements.join('\n')}\nEND`
      return [{ name: `${database}.${name}`, timing: 'BEFORE', event, table: parent, body }]
    })
  })
}

const EVENTS = ['DELETE', 'UPDATE'] as const

/** Whether the triggers in place hold what these would do for a path; others may have come and gone beside it. */
export function covers(
  found: readonly { readonly event: string; readonly body: string }[],
  captured: Captured,
  path: Path,
  { schema, mode }: { readonly schema: string; readonly mode: LogMode },
): boolean {
  const to = { log: `${quote(schema)}.longhaul_log`, mode }
  return EVENTS.every((event) =>
    statement(captured, path, event, to).every((text) =>
      found.some((trigger) => trigger.event === event && trigger.body.includes(text)),
    ),
  )
}

interface Captured {
  readonly sourceId: number
  readonly table: TableSchema
}

/** The statements that log what one path does, if it does anything at this event. */
function statement(
  { sourceId, table }: Captured,
  path: Path,
  event: 'DELETE' | 'UPDATE',
  { log, mode }: { readonly log: string; readonly mode: LogMode },
): string[] {
  const effect = effectOf(path, event)
  if (effect === null) return []
  const { row, query } = lookup(path, table)
  const rows = logged(table, effect, row)
    .map(([type, key]) => mode.reached({ log, sourceId }, type, key, query))
    .join('\n')
  if (event === 'DELETE') return [indented(rows, 2)]
  const top = (path.at(-1) ?? path[0]).references[0]
  return [indented(`IF NOT (${unchanged(top)}) THEN\n${indented(rows, 2)}\nEND IF;`, 2)]
}

/** A row keeps its key and is read again, or is gone, or is gone and has come back under another key. */
function logged(
  table: TableSchema,
  effect: Effect,
  row: string,
): readonly (readonly [type: 'N' | 'D' | 'R', key: string])[] {
  const own = (column: string): string => `${row}.${quote(column)}`
  const old = keyText(table, own)
  if (effect.kind === 'delete') return [['D', old]]
  if (!table.key.some((column) => effect.values.has(column))) return [['R', old]]
  const renumbered = keyText(table, (column) => {
    const value = effect.values.get(column) ?? null
    return value === null ? own(column) : `NEW.${quote(value)}`
  })
  return [
    ['D', old],
    ['N', renumbered],
  ]
}

/** Byte by byte too: a parent whose letters change case takes its children along. */
const unchanged = ({ referenced }: Reference): string =>
  referenced
    .map((column) => {
      const [before, now] = [`OLD.${quote(column)}`, `NEW.${quote(column)}`]
      return `${before} <=> ${now} AND CAST(${before} AS BINARY) <=> CAST(${now} AS BINARY)`
    })
    .join(' AND ')

interface Lookup {
  /** The alias of the captured table's row. */
  readonly row: string
  readonly query: LogQuery
}

/**
 * The rows at the lower end of a path, from the top down. Every table is read with a lock: only a locking
 * read sees what was committed after this transaction's snapshot, and the cascade takes those rows too.
 */
function lookup(path: Path, table: TableSchema): Lookup {
  const queries: string[] = []
  let row = 'OLD'
  let tables = ''
  let where = ''
  for (const [depth, step] of [...path].reverse().entries()) {
    const [{ child }] = step.references
    const name = `t${depth + 1}`
    const holds = pointing(step, name, row)
    const source = `${qualified(child)} ${name}`
    const reached = tables === '' ? source : `${tables} JOIN ${source} ON ${holds}`
    const from = `FROM ${reached} WHERE ${tables === '' ? holds : where}`
    if (step.repeats) {
      const next = path[path.length - depth - 2]
      const columns = neededOf(step, next?.references, table)
      queries.push(repeated(step, name, columns, from))
      ;[tables, where] = [name, '1 = 1']
    } else {
      if (tables === '') where = holds
      tables = reached
    }
    row = name
  }
  const before = queries.length === 0 ? '' : `WITH RECURSIVE ${queries.join(', ')}\n`
  return { row, query: { before, from: `FROM ${tables} WHERE ${where}${LOCK}` } }
}

/**
 * Not FOR UPDATE: the server takes that for a second writer of a table the statement writes, and fails it (1442).
 * Both servers were seen to lock the rows of this query without being told; it is said so as not to depend on it.
 */
const LOCK = ' LOCK IN SHARE MODE'

/** `child` points at `parent` by one of the step's foreign keys. */
const pointing = ({ references }: Step, child: string, parent: string): string =>
  references
    .map(({ columns, referenced }) =>
      columns
        .map((column, i) => `${child}.${quote(column)} = ${parent}.${quote(referenced[i] ?? '')}`)
        .join(' AND '),
    )
    .map((condition) => (references.length === 1 ? condition : `(${condition})`))
    .join(' OR ')

/** UNION leaves out what it has found already, so rows that point at each other end it. */
function repeated(step: Step, name: string, columns: readonly string[], from: string): string {
  const list = (alias: string): string =>
    columns.map((column) => `${alias}.${quote(column)}`).join(', ')
  const [{ child }] = step.references
  return `${name} AS (
  (SELECT ${list(name)} ${from}${LOCK})
  UNION
  (SELECT ${list('n')} FROM ${name} JOIN ${qualified(child)} n ON ${pointing(step, 'n', name)}${LOCK}))`
}

/** What is read of a repeated step's rows: what points at them, and the key when they are the captured ones. */
function neededOf(
  step: Step,
  next: readonly Reference[] | undefined,
  table: TableSchema,
): readonly string[] {
  const lower = next === undefined ? table.key : next.flatMap(({ referenced }) => referenced)
  return [...new Set([...step.references.flatMap(({ referenced }) => referenced), ...lower])]
}
