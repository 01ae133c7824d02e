/** One line of SHOW GRANTS: what may be done, and where. */
export interface Grant {
  readonly privileges: ReadonlySet<string>
  /** `*` for every database. A pattern with `%` and `_`, as the server keeps it. */
  readonly database: string
  /** `*` for every table. */
  readonly table: string
  readonly revoked: boolean
}

/** What is needed: on a table, on a whole database (`*`), or everywhere (`*`, `*`). */
export interface Need {
  readonly privilege: string
  readonly database: string
  readonly table: string
}

/** Roles in use are listed too, line by line; roles that are not in use do not count, as on the server. */
export const parseGrants = (lines: readonly string[]): readonly Grant[] =>
  lines.flatMap((line) => {
    const match = GRANT.exec(line)
    if (match === null) return []
    const [, verb, privileges = '', database = '', table = ''] = match
    // A privilege on some columns is not the privilege: `INSERT (a)` must not count
    const names = privileges.replaceAll(/[\w ]+\([^)]*\)/g, '').split(',')
    return [
      {
        privileges: new Set(names.map((name) => name.trim()).filter((name) => name !== '')),
        database: unquote(database),
        table: unquote(table),
        revoked: verb === 'REVOKE',
      },
    ]
  })

/** Whether the account may do this. */
export const isGranted = (grants: readonly Grant[], need: Need): boolean =>
  grants.some((grant) => !grant.revoked && covers(grant, need)) &&
  !grants.some((grant) => grant.revoked && covers(grant, need))

const GRANT = /^(GRANT|REVOKE) (.+?) ON (`(?:[^`]|``)+`|\*)\.(`(?:[^`]|``)+`|\*) (?:TO|FROM) /

/** `ALL PRIVILEGES` does not hold the privileges MySQL names with underscores; those it lists by name. */
function covers(grant: Grant, { privilege, database, table }: Need): boolean {
  const named = grant.privileges.has(privilege)
  const all = grant.privileges.has('ALL PRIVILEGES') && !privilege.includes('_')
  if (!named && !all) return false
  return likeDatabase(grant.database, database) && (grant.table === '*' || grant.table === table)
}

/** `shop\_%` covers `shop_1`, and so does `*`. */
function likeDatabase(pattern: string, database: string): boolean {
  if (pattern === '*' || pattern === database) return true
  const expression = pattern
    .replaceAll(/[.*+?^${}()|[\]]/g, '\\$&')
    .replaceAll(/\\_|\\%|[_%]/g, (part) => WILD[part] ?? part)
  return new RegExp(`^${expression}$`, 's').test(database)
}

const WILD: Readonly<Record<string, string>> = { '\\_': '_', '\\%': '%', _: '.', '%': '.*' }

const unquote = (name: string): string =>
  name === '*' ? name : name.slice(1, -1).replaceAll('``', '`')
