import type { Session } from './client.ts'
import { literal, splitName } from './names.ts'

/** A foreign key as it cascades: from the rows it points at to the rows that hold it. */
export interface Reference {
  readonly name: string
  /** `database.table` that holds the foreign key. */
  readonly child: string
  readonly columns: readonly string[]
  /** `database.table` it points at. */
  readonly parent: string
  /** The parent's columns, in the order of `columns`. */
  readonly referenced: readonly string[]
  readonly onDelete: string
  readonly onUpdate: string
}

/** The foreign keys of these tables, without those that only ever refuse. */
export async function referencesOf(
  session: Session,
  tables: readonly string[],
): Promise<readonly Reference[]> {
  if (tables.length === 0) return []
  const found = new Map<string, Reference & { columns: string[]; referenced: string[] }>()
  const asked = (name: string): string =>
    tables.includes(name) ? name : (alike(tables, name) ?? name)
  for (const row of await session.select(cascading(tables))) {
    const [name, child, column, parent, other, onDelete, onUpdate] = row.map(
      (text) => text ?? '',
    ) as Seven
    const id = JSON.stringify([child, name])
    const known = found.get(id) ?? {
      ...{ name, child: asked(child), parent: asked(parent), onDelete, onUpdate },
      columns: [],
      referenced: [],
    }
    known.columns.push(column)
    known.referenced.push(other)
    found.set(id, known)
  }
  return [...found.values()]
}

/** By database and by table, as the server can look them up; pairs of both it would search one by one. */
function cascading(tables: readonly string[]): string {
  const names = tables.map(splitName)
  const databases = [...new Set(names.map(({ database }) => literal(database)))]
  return `\
SELECT r.CONSTRAINT_NAME, CONCAT(r.CONSTRAINT_SCHEMA, '.', r.TABLE_NAME), k.COLUMN_NAME,
  CONCAT(k.REFERENCED_TABLE_SCHEMA, '.', k.REFERENCED_TABLE_NAME), k.REFERENCED_COLUMN_NAME,
  r.DELETE_RULE, r.UPDATE_RULE
FROM information_schema.REFERENTIAL_CONSTRAINTS r
JOIN information_schema.KEY_COLUMN_USAGE k
  ON k.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME
  AND k.TABLE_SCHEMA = r.CONSTRAINT_SCHEMA AND k.TABLE_NAME = r.TABLE_NAME
WHERE r.CONSTRAINT_SCHEMA IN (${databases.join(', ')})
  AND r.TABLE_NAME IN (${names.map(({ name }) => literal(name)).join(', ')})
  AND (r.DELETE_RULE IN (${ACTIONS}) OR r.UPDATE_RULE IN (${ACTIONS}))
  AND CONCAT(r.CONSTRAINT_SCHEMA, '.', r.TABLE_NAME) IN (${tables.map(literal).join(', ')})
ORDER BY r.CONSTRAINT_SCHEMA, r.TABLE_NAME, r.CONSTRAINT_NAME, k.ORDINAL_POSITION`
}

/** InnoDB refuses SET DEFAULT. */
const ACTIONS = "'CASCADE', 'SET NULL'"

/** A server that ignores case keeps small letters, whatever it was asked for. */
const alike = (tables: readonly string[], name: string): string | undefined =>
  tables.find((table) => table.toLowerCase() === name.toLowerCase())

type Seven = [string, string, string, string, string, string, string]
