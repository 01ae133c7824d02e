type Next = (below: number) => number

/** Mulberry32: small, and the same on every machine. */
export function generator(seed: number): Next {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const DELETES = ['CASCADE', 'SET NULL', 'CASCADE', 'RESTRICT']
const UPDATES = ['CASCADE', 'SET NULL', 'CASCADE', 'RESTRICT']

/** Five tables; each points at earlier ones, and sometimes at itself. Rows point anywhere below twenty. */
export function randomSchema(next: Next): string[] {
  const statements: string[] = []
  for (let i = 0; i < 5; i++) {
    const keys = ['x', 'y'].flatMap((column) => {
      const parent = next(i + 1)
      if (parent === i && (i === 0 || next(2) === 0)) return []
      // A table may not renumber its own rows
      const updated = parent === i ? 'RESTRICT' : (UPDATES[next(4)] ?? '')
      return `FOREIGN KEY (${column}) REFERENCES t${parent} (id) ON DELETE ${DELETES[next(4)] ?? ''} ON UPDATE ${updated}`
    })
    const own = ['id INT PRIMARY KEY', 'x INT', 'y INT', ...keys]
    statements.push(`CREATE TABLE t${i} (${own.join(', ')})`)
    for (let id = 1; id <= 20; id++) {
      const [x, y] = [next(20) + 1, next(20) + 1]
      statements.push(`INSERT IGNORE INTO t${i} VALUES (${id}, ${x}, ${y})`)
      statements.push(`INSERT IGNORE INTO t${i} VALUES (${id}, NULL, NULL)`)
    }
  }
  return statements
}

export function randomStatement(next: Next): string {
  const table = `t${next(5)}`
  const id = next(20) + 1
  const to = next(20) + 1
  return (
    [
      `DELETE FROM ${table} WHERE id = ${id}`,
      `DELETE FROM ${table} WHERE id BETWEEN ${id} AND ${id + 2}`,
      `UPDATE ${table} SET id = ${id + 100} WHERE id = ${id}`,
      `UPDATE ${table} SET id = ${to} WHERE id = ${id}`,
      `REPLACE INTO ${table} VALUES (${id}, NULL, NULL)`,
      `INSERT INTO ${table} VALUES (${id}, NULL, NULL) ON DUPLICATE KEY UPDATE id = ${to + 50}`,
    ][next(6)] ?? ''
  )
}
