import { expect, test } from 'vitest'
import { seeded } from '../../demo/random.ts'
import { known, transaction } from '../../demo/writes.ts'

const written = (seed: number, transactions: number): string[] => {
  const [random, state] = [seeded(seed), known(1000)]
  return Array.from({ length: transactions }, () => transaction(random, state)).flatMap((all) =>
    all.map(({ sql, values }) => `${sql} ${JSON.stringify(values)}`),
  )
}

test('writes the same for the same seed', () => {
  expect(written(7, 200)).toEqual(written(7, 200))
  expect(written(7, 200)).not.toEqual(written(8, 200))
})

test('does everything an application may do', () => {
  const all = written(1, 2000).join('\n')
  for (const kind of [
    'INSERT INTO Play',
    'REPLACE INTO Play',
    'Remark = NULL',
    'DELETE FROM Play',
    'UPDATE Play SET PlayId',
    'UPDATE IGNORE Play SET CustomerId',
    'UPDATE IGNORE PlaylistTrack',
    'UPDATE Artist SET ArtistId',
    'DELETE FROM InvoiceLine',
  ])
    expect(all).toContain(kind)
})

test('gives every statement as many values as it asks for', () => {
  const [random, state] = [seeded(3), known(1000)]
  for (let i = 0; i < 2000; i++)
    for (const { sql, values } of transaction(random, state))
      expect(values.length, sql).toBe(sql.split('?').length - 1)
})

test('leaves alone the table in which faults are planted', () => {
  expect(written(1, 2000).filter((sql) => sql.includes('Album'))).toEqual([])
})
