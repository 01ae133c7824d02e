import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createConnection, type Connection } from 'mysql2/promise'
import { compareTable } from '../../demo/compare.ts'
import type { Witness, WitnessCell } from '../../services/index.ts'

const source = inject('mysql')
const hex = (text: string): string => Buffer.from(text).toString('hex')
const cell = (row: string, qualifier: string, value: string): WitnessCell => ({
  ...{ row: hex(row), family: hex('Thing'), qualifier: hex(qualifier) },
  ...{ timestamp: 1, value: hex(value) },
})

/** What HBase must hold, in its order: `10|x` comes before `2|a`. */
const RIGHT = [
  ...[cell('10|x', 'a', '10'), cell('10|x', 'b', 'x'), cell('10|x', 'note', '')],
  ...[cell('2|a', 'a', '2'), cell('2|a', 'b', 'a'), cell('2|a', 'at', '2024-03-09 10:11:12Z')],
]

let connection: Connection

beforeAll(async () => {
  connection = await createConnection({ ...source, multipleStatements: true })
  await connection.query(`DROP DATABASE IF EXISTS Chinook; CREATE DATABASE Chinook;
SET time_zone = '+00:00';
CREATE TABLE Chinook.Thing (a INT, b CHAR(1), note VARCHAR(9), at TIMESTAMP NULL, PRIMARY KEY (a, b));
INSERT INTO Chinook.Thing VALUES (2, 'a', NULL, '2024-03-09 10:11:12'), (10, 'x', '', NULL)`)
})

afterAll(async () => {
  await connection.query('DROP DATABASE IF EXISTS Chinook')
  await connection.end()
})

const compared = async (cells: readonly WitnessCell[]): Promise<readonly string[]> => {
  const witness = {
    async *dump(): AsyncGenerator<WitnessCell> {
      for (const one of await Promise.resolve(cells)) yield one
    },
  } as unknown as Witness
  const { examples } = await compareTable('Thing', { source, witness, progress: () => undefined })
  return examples
}

test('finds nothing where every cell is right, and takes the newest version of each', async () => {
  expect(await compared(RIGHT)).toEqual([])
  expect(
    await compared([...RIGHT.slice(0, 3), cell('10|x', 'note', 'old'), ...RIGHT.slice(3)]),
  ).toEqual([])
})

test.each<[string, readonly WitnessCell[], string]>([
  ['a row that is missing', RIGHT.slice(3), 'Thing 10|x is missing in HBase'],
  ['a last row that is missing', RIGHT.slice(0, 3), 'Thing 2|a is missing in HBase'],
  ['a row too many', [...RIGHT, cell('7|q', 'a', '7')], 'Thing 7|q is in HBase only'],
  ['a missing cell', RIGHT.slice(0, -1), 'Thing 2|a at is nothing, not 2024-03-09 10:11:12Z'],
  [
    'an empty text for NULL',
    [...RIGHT.slice(0, 5), cell('2|a', 'note', ''), ...RIGHT.slice(5)],
    'Thing 2|a note is , not NULL',
  ],
  ['another value', [cell('10|x', 'a', '11'), ...RIGHT.slice(1)], 'Thing 10|x a is 11, not 10'],
  [
    'another family',
    [{ ...cell('10|x', 'a', '10'), family: hex('x') }, ...RIGHT.slice(1)],
    'Thing 10|x x:a is 10, not NULL',
  ],
])('finds %s', async (_, cells, complaint) => {
  expect(await compared(cells)).toContain(complaint)
})
