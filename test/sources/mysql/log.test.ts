import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Change } from '../../../model/change.ts'
import type { TableSchema } from '../../../model/table.ts'
import type { Capture } from '../../../sources/source.ts'
import { clearLog, logged, LOGS, openBench, Replica, shown, type Bench } from './server.ts'

describe.each(LOGS)('log and lease on %s, log: %s', (server, log) => {
  let bench: Bench
  let table: TableSchema
  let capture: Capture

  beforeAll(async () => {
    bench = await openBench(server, log)
    await bench.run('CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT)')
    table = await bench.source.describe(`${bench.database}.t`)
    capture = bench.source.capture('log')
    await capture.install([table])
  })
  afterAll(async () => bench.close())
  beforeEach(async () => {
    await bench.run('DELETE FROM t')
    await clearLog(capture)
  })

  /** The first half of a batch: what an applier knows before it acknowledges. */
  async function batch(): Promise<{ token: number; changes: readonly Change[]; image: string }> {
    const token = await capture.token('batch')
    const changes = await capture.read(100)
    const rows = await bench.source.rows.matching(table, ['1'])
    return { token, changes, image: shown(rows.get('1')) ?? 'absent' }
  }

  test('T44 keeps a change that arrives between the read of the row and the acknowledgement', async () => {
    await bench.run('INSERT INTO t VALUES (1, 1, 1)')
    const { token, changes, image } = await batch()
    await bench.run('UPDATE t SET a = 2')
    expect(await capture.acknowledge(token, changes)).toBe(true)
    expect(image).toBe('1,1,1')
    expect(await logged(capture)).toEqual(['update 1 (a)'])
    expect((await batch()).image).toBe('1,2,1')
  })

  test('T45 would lose that change if it acknowledged by key, which is why it does not', async () => {
    await bench.run('INSERT INTO t VALUES (1, 1, 1)')
    const { image } = await batch()
    await bench.run('UPDATE t SET a = 2')
    await bench.run(`DELETE FROM ${bench.schema}.longhaul_log WHERE key_field = '1'`)
    expect(await capture.read(10)).toEqual([])
    const now = await bench.source.rows.matching(table, ['1'])
    expect(shown(now.get('1'))).not.toBe(image)
  })

  test('T46 finds a change that commits late under a lower number', async () => {
    const [slow, quick] = [await bench.connect(), await bench.connect()]
    await slow.query('START TRANSACTION')
    await slow.query('INSERT INTO t VALUES (1, 1, 1)')
    await quick.query('INSERT INTO t VALUES (2, 2, 2)')

    const token = await capture.token('a')
    const seen = await capture.read(10)
    expect(seen.map(({ key }) => key)).toEqual(['2'])
    expect(await capture.acknowledge(token, seen)).toBe(true)

    await slow.query('COMMIT')
    const late = await capture.read(10)
    expect(late.map(({ key }) => key)).toEqual(['1'])
    expect((late[0]?.seq ?? 0n) < (seen[0]?.seq ?? 0n)).toBe(true)
  })

  test('does not wait for open transactions when it reads or acknowledges', async () => {
    const open = await bench.connect()
    await open.query('START TRANSACTION')
    await open.query('INSERT INTO t VALUES (5, 1, 1)')
    await bench.run('INSERT INTO t VALUES (6, 1, 1)')
    const began = performance.now()
    const token = await capture.token('a')
    expect(await capture.acknowledge(token, await capture.read(10))).toBe(true)
    await capture.compact(await capture.token('a'), 10)
    expect(performance.now() - began).toBeLessThan(1_000)
    await open.query('ROLLBACK')
  })

  test('T48 fences an applier that was overtaken, so that the newest image is written last', async () => {
    await bench.run('INSERT INTO t VALUES (1, 1, 1)')
    await clearLog(capture)
    const target = new Map<number, string>()
    const zombieToken = await capture.token('zombie')
    await bench.run('UPDATE t SET a = 2')
    const live = await batch()
    await bench.run('UPDATE t SET a = 3')

    // The zombie wakes with its old token, reads what is newest, and may not acknowledge it
    const seen = await capture.read(100)
    target.set(zombieToken, shown((await bench.source.rows.matching(table, ['1'])).get('1')) ?? '')
    expect(await capture.acknowledge(zombieToken, seen)).toBe(false)

    target.set(live.token, live.image)
    expect(await capture.acknowledge(live.token, live.changes)).toBe(true)
    const next = await batch()
    target.set(next.token, next.image)
    expect(await capture.acknowledge(next.token, next.changes)).toBe(true)
    expect(newest(target)).toBe('1,3,1')
  })

  test('T49 would lose the newest image without the look at the lease', async () => {
    await bench.run('INSERT INTO t VALUES (1, 1, 1)')
    await clearLog(capture)
    const target = new Map<number, string>()
    const zombieToken = await capture.token('zombie')
    await bench.run('UPDATE t SET a = 2')
    const live = await batch()
    await bench.run('UPDATE t SET a = 3')
    const seen = await capture.read(100)
    target.set(zombieToken, shown((await bench.source.rows.matching(table, ['1'])).get('1')) ?? '')
    const numbers = seen.map(({ seq }) => seq).join(',')
    await bench.run(`DELETE FROM ${bench.schema}.longhaul_log WHERE ver IN (${numbers})`)

    target.set(live.token, live.image)
    expect(await capture.acknowledge(live.token, live.changes)).toBe(true)
    expect(await capture.read(10)).toEqual([])
    expect(newest(target)).toBe('1,2,1')
  })

  test('T59 gives tokens that rise by two or more, in the time of the clock, even after it was set back', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => capture.token('many')))
    const sorted = [...tokens].sort((a, b) => a - b)
    const steps = sorted.slice(1).map((token, i) => token - (sorted[i] ?? 0))
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(2)
    expect(Math.abs(Date.now() - (sorted[0] ?? 0))).toBeLessThan(10_000)

    const ahead = Date.now() + 3_600_000
    await bench.run(`UPDATE ${bench.schema}.longhaul_lease SET token = ${ahead}`)
    expect(await capture.token('after')).toBe(ahead + 2)
    await bench.run(`UPDATE ${bench.schema}.longhaul_lease SET token = 0`)
  })

  test('T58 folds 20,000 updates of 500 keys to 500 log rows, with all their columns', async () => {
    const values = Array.from({ length: 500 }, (_, i) => `(${i}, 0, 0)`).join(',')
    await bench.run(`INSERT INTO t VALUES ${values}`)
    await clearLog(capture)
    for (let i = 0; i < 20; i++) {
      await bench.run('UPDATE t SET a = a + 1', 'UPDATE t SET b = b + 1 WHERE id % 2 = 0')
      await bench.run('UPDATE t SET a = a + 1 WHERE id % 2 = 0')
    }
    expect((await capture.lag()).changes).toBe(log === 'append' ? 20_000 : 500)
    for (;;) {
      const folded = await capture.compact(await capture.token('compact'), 5_000)
      if (folded === null || folded.before === folded.after) break
    }
    const changes = await logged(capture)
    expect(changes).toHaveLength(500)
    expect(changes.filter((change) => change.endsWith('(a b)'))).toHaveLength(250)
    expect(changes.filter((change) => change.endsWith('(a)'))).toHaveLength(250)
    expect((await capture.lag()).changes).toBe(500)
  })

  test('T57 loses nothing when it compacts under writers and under a batch in flight', async () => {
    const values = Array.from({ length: 50 }, (_, i) => `(${i}, 0, 0)`).join(',')
    await bench.run(`INSERT INTO t VALUES ${values}`)
    const replica = new Replica(bench.source, capture, table)
    await replica.drain()
    const writers = [0, 1, 2, 3].map(async (writer) => {
      const application = await bench.connect()
      for (let i = 0; i < 200; i++) {
        const id = (i * 7 + writer * 13) % 50
        await application.query(
          `UPDATE t SET ${i % 2 ? 'a' : 'b'} = ${i * 10 + writer} WHERE id = ${id}`,
        )
        if (i % 50 === 0) await application.query(`DELETE FROM t WHERE id = ${(id + 1) % 50}`)
        if (i % 50 === 1)
          await application.query(`REPLACE INTO t VALUES (${(id + 43) % 50}, ${i}, ${writer})`)
      }
    })
    const state = { writing: true }
    const written = Promise.all(writers).finally(() => (state.writing = false))
    while (state.writing) {
      const before = await capture.read(1_000)
      const token = await capture.token('compact')
      await capture.compact(token, 1_000)
      // Rows that were folded away have fresh numbers now: this cannot take them along
      await capture.acknowledge(token, before.slice(0, 0))
      await replica.drain()
    }
    await written
    await replica.drain()
    expect(replica.rows).toEqual(await replica.expected())
  })

  // A folded log cannot promise that; what it promises is in dedupe.test.ts.
  if (log === 'append')
    test('T54 never makes eight writers deadlock, while it reads, acknowledges and compacts', async () => {
      const values = Array.from({ length: 40 }, (_, i) => `(${i}, 0, 0)`).join(',')
      await bench.run(`INSERT INTO t VALUES ${values}`)
      const state = { writing: true }
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        const application = await bench.connect()
        for (let i = 0; i < 60; i++) {
          const ids = [(i * 3) % 40, (i * 7 + writer) % 40].sort((a, b) => a - b)
          await application.query('START TRANSACTION')
          for (const id of ids) await application.query(`UPDATE t SET a = a + 1 WHERE id = ${id}`)
          await application.query('COMMIT')
        }
      })
      const written = Promise.all(writers).finally(() => (state.writing = false))
      const replica = new Replica(bench.source, capture, table)
      while (state.writing) {
        await capture.compact(await capture.token('compact'), 1_000)
        await replica.drain()
      }
      await written
      await replica.drain()
      expect(replica.rows).toEqual(await replica.expected())
    })

  test('compacts nothing once it is fenced', async () => {
    await bench.run('INSERT INTO t VALUES (1, 1, 1)', 'UPDATE t SET a = 2', 'UPDATE t SET a = 3')
    const token = await capture.token('old')
    await capture.token('new')
    expect(await capture.compact(token, 100)).toBeNull()
    expect(await logged(capture)).toHaveLength(log === 'append' ? 3 : 2)
  })

  test('T55 keeps dead letters with the acknowledgement, once each, until they are enqueued again', async () => {
    await bench.run('INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)')
    const token = await capture.token('dead')
    const changes = await capture.read(10)
    const dead = [{ table: table.name, key: '2', reason: 'The cell is larger than HBase takes' }]
    expect(await capture.acknowledge(token - 2, changes, dead)).toBe(false)
    expect(await capture.dead(10)).toEqual([])
    expect(await capture.acknowledge(token, changes, dead)).toBe(true)
    await capture.bury(dead)
    await capture.bury([{ table: table.name, key: '3', reason: 'It is too long' }])
    expect(await capture.dead(10)).toEqual([
      ...dead,
      { table: table.name, key: '3', reason: 'It is too long' },
    ])
    expect(await capture.lag()).toMatchObject({ changes: 0, seconds: 0, dead: 2, token })

    await capture.enqueue(table.name, ['2', '3'])
    expect((await logged(capture)).sort()).toEqual(['refresh 2', 'refresh 3'])
    expect(await capture.pending(table.name, ['1', '2', '3'])).toEqual(new Set(['2', '3']))
    expect((await capture.lag()).dead).toBe(0)
  })

  test('reads and acknowledges only what belongs to its project', async () => {
    const other = bench.source.capture('other')
    await other.install([table])
    await bench.run('INSERT INTO t VALUES (1, 1, 1)')
    expect(await logged(capture)).toEqual(['insert 1'])
    await clearLog(capture)
    expect(await logged(other)).toEqual(['insert 1'])
    expect((await other.lag()).changes).toBe(1)
    expect(await other.remove()).toEqual([])
    expect(await bench.source.captured()).toEqual(['log'])
    await bench.run('UPDATE t SET a = 9')
    expect(await logged(capture)).toEqual(['update 1 (a)'])
  })

  test('shows the log to people in a view', async () => {
    await bench.run('INSERT INTO t VALUES (1, 1, 1)', 'UPDATE t SET b = 2')
    expect(
      await bench.ask(
        `SELECT key_field, source_field, type_field, ucn_field FROM ${bench.schema}.syncslog ORDER BY ver`,
      ),
    ).toEqual([
      ['1', table.name, 'N', '0'],
      ['1', table.name, 'U', '4'],
    ])
  })
})

/** What a target that keeps the highest version shows. */
const newest = (versions: ReadonlyMap<number, string>): string | undefined =>
  versions.get(Math.max(...versions.keys()))
