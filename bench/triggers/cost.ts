import type { Captured, Variant } from './variants.ts'

export const CHANGES = ['insert', 'update', 'delete'] as const
export type ChangeKind = (typeof CHANGES)[number]

/** Microseconds per row, by variant and kind of change. */
export type Costs = ReadonlyMap<Variant, Readonly<Record<ChangeKind, number>>>

/**
 * The fastest of several rounds in statements of many rows; the variants take turns, forwards and backwards, so that
 * whatever else the machine does meets them alike. Each round is taken back, so every one begins with an empty log.
 */
export async function measureCosts(
  variants: readonly Captured[],
  { rows, rounds }: { readonly rows: number; readonly rounds: number },
): Promise<Costs> {
  const runs = await Promise.all(
    variants.map(async (captured) => {
      const connection = await captured.connect()
      await connection.query(`SET SESSION cte_max_recursion_depth = ${rows}`).catch(() => undefined)
      await connection
        .query(`SET SESSION max_recursive_iterations = ${rows}`)
        .catch(() => undefined)
      await connection.query(`INSERT INTO sample WITH RECURSIVE n (i) AS
        (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
        SELECT i, ${captured.columns.map((name) => `CONCAT('${name} ', i)`).join(', ')} FROM n`)
      const best = { insert: Infinity, update: Infinity, delete: Infinity }
      return { captured, connection, best }
    }),
  )
  for (let round = 0; round < rounds; round++)
    for (const { captured, connection, best } of round % 2 === 0 ? runs : [...runs].reverse()) {
      const [first = 'c1', second = 'c2'] = captured.columns
      const statements: Record<ChangeKind, string> = {
        insert: 'INSERT INTO t SELECT * FROM sample',
        update: `UPDATE t SET ${first} = 'changed', ${second} = NULL`,
        delete: 'DELETE FROM t',
      }
      await connection.beginTransaction()
      for (const kind of CHANGES) {
        const began = performance.now()
        await connection.query(statements[kind])
        best[kind] = Math.min(best[kind], ((performance.now() - began) * 1000) / rows)
      }
      await connection.rollback()
    }
  for (const { connection } of runs) await connection.end()
  return new Map(runs.map(({ captured, best }) => [captured.variant, best]))
}
