import type { Connection } from 'mysql2/promise'
import type { Screen } from './screen.ts'

/** Customers of Chinook. */
export const CUSTOMERS = 59

/** Plays of one customer; play n belongs to customer 1 + (n - 1) / this, so rows come in key order. */
export const playsPerCustomer = (rows: number): number => Math.ceil(rows / CUSTOMERS)

export const customerOf = (play: number, rows: number): number =>
  1 + Math.floor((play - 1) / playsPerCustomer(rows))

/** Rows made by one statement: its undo log stays small, and Ctrl-C waits no longer. */
const AT_ONCE = 50_000

const TABLE = `CREATE TABLE Chinook.Play (
  CustomerId INT NOT NULL,
  PlayId BIGINT UNSIGNED NOT NULL,
  TrackId INT NOT NULL,
  StartedAt DATETIME(3) NOT NULL,
  Seconds DECIMAL(8,3) NOT NULL,
  Volume DOUBLE,
  Rating TINYINT,
  Device ENUM('phone', 'desktop', 'car', 'speaker'),
  Remark VARCHAR(120) CHARACTER SET utf8mb4,
  Fingerprint BINARY(8) NOT NULL,
  SyncedAt TIMESTAMP NULL,
  PRIMARY KEY (CustomerId, PlayId)
)`

/** Everything follows from n, so every run has the same rows: NULLs, empty texts, all kinds of characters. */
const fill = (from: number, to: number, rows: number): string => `INSERT INTO Chinook.Play
WITH RECURSIVE numbers (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${to})
SELECT 1 + (n - 1) DIV ${playsPerCustomer(rows)}, n, 1 + n * 31 % 3503,
  '2024-01-01' + INTERVAL n * 7919 % 31536000 SECOND + INTERVAL n * 1000 % 999999 MICROSECOND,
  30 + n * 17 % 600000 / 1000,
  IF(n % 7 = 0, NULL, n % 1000 / 1024),
  IF(n % 3 = 0, NULL, CAST(n % 11 AS SIGNED) - 5),
  IF(n % 13 = 0, NULL, 1 + n % 4),
  CASE n % 8 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN CONCAT('again, ', n)
    WHEN 3 THEN CONCAT('“très bien” ', n) WHEN 4 THEN CONCAT('再听一次 🎧 ', n)
    ELSE CONCAT('from playlist ', n % 18, ' ', REPEAT('~|', n % 5)) END,
  UNHEX(LEFT(SHA2(n, 256), 16)),
  IF(n % 5 = 0, NULL, FROM_UNIXTIME(1700000000 + n * 13 % 30000000))
FROM numbers`

/** Creates the large table and fills it. */
export async function createPlays(
  connection: Connection,
  rows: number,
  { screen, signal }: { readonly screen: Screen; readonly signal: AbortSignal },
): Promise<void> {
  await connection.query(TABLE)
  await connection.query(`SET cte_max_recursion_depth = ${AT_ONCE + 1}`)
  const board = screen.board([{ name: 'Play', total: rows }])
  try {
    for (let from = 1; from <= rows; from += AT_ONCE) {
      signal.throwIfAborted()
      const to = Math.min(rows, from + AT_ONCE - 1)
      await connection.query(fill(from, to, rows))
      board.set('Play', to)
    }
  } finally {
    board.close()
  }
  await connection.query('ANALYZE TABLE Chinook.Play')
}
