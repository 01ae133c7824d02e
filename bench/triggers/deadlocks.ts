import type { Connection } from 'mysql2/promise'
import type { Captured } from './variants.ts'

export interface Deadlocks {
  readonly transactions: number
  readonly deadlocks: number
}

const WRITERS = 8
/** Few enough that writers meet all the time. */
const KEYS = 200

/**
 * Eight writers of one to four statements, their keys in order. Rows that all of them know are only updated, so that
 * nobody locks a gap and the table has no deadlocks of its own; each inserts and deletes rows nobody else knows.
 */
export async function countDeadlocks(
  captured: Captured,
  isolation: string,
  seconds: number,
): Promise<Deadlocks> {
  const until = Date.now() + seconds * 1000
  const counts = { transactions: 0, deadlocks: 0 }
  const first = await captured.connect()
  await first.query(`DELETE FROM t`)
  await first.query(`INSERT INTO t (id, c1) SELECT id, c1 FROM sample WHERE id <= ${KEYS}`)
  await first.end()
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      const connection = await captured.connect()
      await connection.query(`SET SESSION TRANSACTION ISOLATION LEVEL ${isolation}`)
      const own = { next: 1_000_000 * (writer + 1) }
      while (Date.now() < until) await transaction(connection, own, counts)
      await connection.end()
    }),
  )
  return counts
}

async function transaction(
  connection: Connection,
  own: Own,
  counts: { transactions: number; deadlocks: number },
): Promise<void> {
  const keys = Array.from({ length: between(1, 4) }, () => between(1, KEYS)).sort((a, b) => a - b)
  counts.transactions++
  await connection.beginTransaction()
  try {
    for (const key of keys) await connection.query(statement(key, own))
    await connection.commit()
  } catch (error) {
    await connection.rollback()
    if ((error as { errno?: number }).errno !== DEADLOCK) throw error
    counts.deadlocks++
  }
}

const DEADLOCK = 1213

/** Rows of one writer. */
interface Own {
  next: number
}

function statement(key: number, own: Own): string {
  const value = `'${between(1, 1e6)}'`
  const kinds = [
    `INSERT INTO t (id, c1) VALUES (${own.next++}, ${value})`,
    `INSERT INTO t (id, c1) VALUES (${key}, ${value}) ON DUPLICATE KEY UPDATE c1 = VALUES(c1)`,
    `UPDATE t SET c1 = ${value}, c2 = ${value} WHERE id = ${key}`,
    `UPDATE t SET c3 = ${value} WHERE id = ${key}`,
    `DELETE FROM t WHERE id = ${own.next - 1}`,
  ]
  return kinds[between(0, kinds.length - 1)] ?? ''
}

const between = (from: number, to: number): number =>
  from + Math.floor(Math.random() * (to - from + 1))
