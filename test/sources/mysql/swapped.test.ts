import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TableSchema } from '../../../model/table.ts'
import type { Capture } from '../../../sources/source.ts'
import { clearLog, damaged, logged, openBench, SERVERS, type Bench } from './server.ts'

// What gh-ost 1.1.8 and pt-online-schema-change 3.2.1 and 3.7.1 were seen to do, statement by statement.
describe.each(SERVERS)('tables that a tool swaps for a copy on %s', (server) => {
  let bench: Bench
  let table: TableSchema
  let capture: Capture

  beforeAll(async () => {
    bench = await openBench(server)
  })
  afterAll(async () => bench.close())
  beforeEach(async () => {
    await bench.run('DROP TABLE IF EXISTS t, copy', `DROP DATABASE IF EXISTS ${bench.schema}`)
    await bench.run('CREATE TABLE t (id INT PRIMARY KEY, a INT)', 'INSERT INTO t VALUES (1, 1)')
    table = await bench.source.describe(`${bench.database}.t`)
    capture = bench.source.capture('swapped')
    await capture.install([table])
    // The times of the catalog are whole seconds: a swap in the second of the creation looks like TRUNCATE
    await sleep(1_100)
  })

  interface Copied {
    readonly name: string
    readonly timing: string
    readonly event: string
    readonly body: string
  }

  const triggers = async (): Promise<readonly Copied[]> => {
    const rows = await bench.ask(
      `SELECT TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT
       FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${bench.database}' ORDER BY TRIGGER_NAME`,
    )
    return rows.map(([name, timing, event, body]) => ({
      ...{ name: name ?? '', timing: timing ?? '', event: event ?? '', body: body ?? '' },
    }))
  }
  const names = async (): Promise<readonly string[]> => (await triggers()).map(({ name }) => name)

  const createOn = ({ name, timing, event, body }: Copied, to: string): string =>
    `CREATE TRIGGER ${name} ${timing} ${event} ON ${to} FOR EACH ROW ${body}`

  /** gh-ost --include-triggers --trigger-suffix=_gho: copies are added under new names, the old ones go with the old table. */
  const swapAsGhost = async (rename: (name: string) => string): Promise<void> => {
    await bench.run('CREATE TABLE copy LIKE t', 'INSERT INTO copy SELECT * FROM t')
    for (const one of await triggers())
      await bench.run(createOn({ ...one, name: rename(one.name) }, 'copy'))
    await bench.run('RENAME TABLE t TO old, copy TO t', 'DROP TABLE old')
  }

  test('T39 triggers copied under other names are noticed, go on logging, and go with a reload', async () => {
    await swapAsGhost((name) => `${name}_gho`)
    expect(await damaged(capture)).toHaveLength(3)
    await bench.run('INSERT INTO t VALUES (2, 2)')
    expect(await logged(capture)).toEqual(['insert 2'])

    await capture.recapture(table)
    expect(await names()).toEqual(['longhaul2_ad', 'longhaul2_ai', 'longhaul2_au'])
    expect(await damaged(capture)).toEqual([])
    await clearLog(capture)
    await bench.run('INSERT INTO t VALUES (3, 3)')
    expect(await logged(capture)).toEqual(['insert 3'])
    expect(await capture.remove()).toEqual([])
    await bench.run('DELETE FROM t')
  })

  test('T92 whoever is released takes such copies along, also those of a number retired before', async () => {
    await capture.recapture(table)
    const other = bench.source.capture('other')
    await other.install([table])
    await swapAsGhost((name) => `${name}_gho`)
    await bench.run(createOn({ ...((await triggers())[0] as Copied), name: 'longhaul1_ad_x' }, 't'))
    expect(await capture.remove()).toEqual([])
    // Another project's stay
    expect(await names()).toEqual(['longhaul3_ad_gho', 'longhaul3_ai_gho', 'longhaul3_au_gho'])
    await bench.run('INSERT INTO t VALUES (2, 2)')
    expect(await logged(other)).toEqual(['insert 2'])
    expect(await other.remove()).toEqual([])
    await bench.run('DELETE FROM t')
  })

  test('T92 the log stays, and is told, while a trigger nobody knows writes into it', async () => {
    await swapAsGhost((name) => name.replace('longhaul', 'copied'))
    const left = ['ad', 'ai', 'au'].map((kind) => `${bench.database}.copied1_${kind}`)
    expect([...(await capture.remove())].sort()).toEqual(left)
    await bench.run('INSERT INTO t VALUES (2, 2)')
    for (const name of left) await bench.run(`DROP TRIGGER ${name}`)
    expect(await capture.remove()).toEqual([])
    expect(await bench.ask(`SHOW DATABASES LIKE '${bench.schema}'`)).toEqual([])
    await bench.run('DELETE FROM t')
  })

  test('T39 triggers that are moved to the copy before it is swapped lose no change', async () => {
    const write = (id: number) => bench.run(`INSERT INTO t VALUES (${id}, 0)`)
    await bench.run('CREATE TABLE copy LIKE t')
    // As the tool's own triggers bring changes into the copy
    for (const [event, row] of [
      ['INSERT', 'NEW'],
      ['UPDATE', 'NEW'],
      ['DELETE', 'OLD'],
    ] as const)
      await bench.run(
        createOn(
          {
            ...{ name: `pt_${event}`, timing: 'AFTER', event },
            body:
              event === 'DELETE'
                ? 'DELETE FROM copy WHERE id = OLD.id'
                : `REPLACE INTO copy VALUES (${row}.id, ${row}.a)`,
          },
          't',
        ),
      )
    await bench.run('INSERT IGNORE INTO copy SELECT * FROM t')
    let id = 10
    await write(id)
    // pt-online-schema-change --preserve-triggers
    for (const one of (await triggers()).filter(({ name }) => name.startsWith('longhaul'))) {
      await bench.run(
        'LOCK TABLES copy WRITE, t WRITE',
        `DROP TRIGGER ${one.name}`,
        createOn(one, 'copy'),
        'UNLOCK TABLES',
      )
      await write((id += 1))
    }
    await bench.run('RENAME TABLE t TO old, copy TO t', 'DROP TABLE old')
    await write((id += 1))
    const keys = new Set((await capture.read(1_000)).map(({ key }) => key))
    expect([...keys].sort()).toEqual(['10', '11', '12', '13', '14'])
    expect(await damaged(capture)).toEqual([])
    expect(await capture.remove()).toEqual([])
  })
})
