import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openRace, type Race } from './race.ts'

/** Columns a and b change places: whoever reads on gets the wrong values under the right names. */
const SWAP = 'ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a'

/** What happens to the table, and how it is taken back. */
const CHANGES: [string, string, string][] = [
  ['a column is added', 'ALTER TABLE t ADD COLUMN c INT', 'ALTER TABLE t DROP COLUMN c'],
  ['a column is dropped', 'ALTER TABLE t DROP COLUMN b', 'ALTER TABLE t ADD COLUMN b varchar(40)'],
  [
    'a column is renamed',
    'ALTER TABLE t RENAME COLUMN b TO c',
    'ALTER TABLE t RENAME COLUMN c TO b',
  ],
  [
    'a column has another type',
    'ALTER TABLE t MODIFY b VARBINARY(40)',
    'ALTER TABLE t MODIFY b varchar(40) character set utf8mb4',
  ],
  [
    'the key is another one',
    'ALTER TABLE t MODIFY a varchar(40) NOT NULL, DROP PRIMARY KEY, ADD PRIMARY KEY (id, a)',
    'ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id), MODIFY a varchar(40)',
  ],
  ['the table is renamed', 'RENAME TABLE t TO u', 'RENAME TABLE u TO t'],
]

describe.each(['mysql', 'mariadb'] as const)(
  'a table that changes under a batch on %s',
  (server) => {
    let race: Race
    beforeAll(async () => {
      race = await openRace(server, 'memory', 'append')
    })
    afterAll(() => race.close())
    beforeEach(async () => {
      await race.run(`INSERT INTO t VALUES ('1', 'apple', 'box'), ('2', 'pear', 'bag')`)
      await race.load()
      await race.drain()
      await race.run(`UPDATE t SET a = 'plum' WHERE id = '1'`)
    })
    afterEach(async () => {
      await race.run('DELETE FROM t')
      await race.heal()
    })

    test.each(CHANGES)(
      'T42 %s after the log was read: nothing is written, the log keeps it all',
      async (_what, change, back) => {
        const before = await race.target()
        const batch = await race.apply({ at: { 'log-read': () => race.run(change) } })
        expect(batch).toMatchObject({ changes: 0, dead: 0, fenced: false })
        expect([...batch.halted.keys()]).toEqual([`${race.bench.database}.t`])
        expect(await race.target()).toEqual(before)
        expect(await race.capture.read(10)).toHaveLength(1)
        await race.run(back)
        expect((await race.apply()).halted.size).toBe(0)
        // A column that came back has lost its values, which no trigger saw
        await race.heal()
        await race.converged()
      },
    )

    test('T42 two columns change places: found before a wrong value is written', async () => {
      const before = await race.target()
      const batch = await race.apply({ at: { 'log-read': () => race.run(SWAP) } })
      expect([...batch.halted.values()]).toMatchObject([{ code: 'SCHEMA_CHANGED' }])
      expect(await race.target()).toEqual(before)
      await race.run(SWAP)
    })

    test('T42 control: a batch that does not look again writes wrong values', async () => {
      await race.apply({ careless: true, at: { 'log-read': () => race.run(SWAP) } })
      await race.run(SWAP)
      expect(await race.target()).toContain('1 a=box b=plum')
    })

    test('T42 a load that meets the change is not counted as done', async () => {
      await expect(race.load({ at: { 'load-read': () => race.run(SWAP) } })).rejects.toMatchObject({
        code: 'SCHEMA_CHANGED',
      })
      await race.run(SWAP)
      await race.load()
    })

    test('changes of a table that is left out stay in the log', async () => {
      const left = new Set([`${race.bench.database}.t`])
      expect(await race.capture.read(10, left)).toEqual([])
      expect(await race.capture.read(10)).toHaveLength(1)
    })
  },
)
