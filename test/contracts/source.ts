import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keyOfRow } from '../../model/key.ts'
import type { Change } from '../../model/change.ts'
import type { TableSchema } from '../../model/table.ts'
import type { KeyText } from '../../model/value.ts'
import type { Capture, Source } from '../../sources/source.ts'

/** Somewhere a source can be tried out. */
interface SourceSandbox {
  readonly source: Source
  /** An empty table with the columns `id`, an integer and the key, and `name`, a text: `database.table`. */
  readonly table: string
  /** The same table as SQL names it. */
  readonly sqlTable: string
  /** A table that `check` must refuse, because it has no key. */
  readonly keyless: string
  /** A writer of its own, such as an application. */
  writer(): Promise<Writer>
  close(): Promise<void>
}

interface Writer {
  run(sql: string): Promise<void>
  begin(): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** What every source must do, whatever its database. */
export function sourceContract(name: string, open: () => Promise<SourceSandbox>): void {
  describe(`source contract: ${name}`, () => {
    let sandbox: SourceSandbox
    let source: Source
    let table: TableSchema
    let writer: Writer
    let capture: Capture

    beforeAll(async () => {
      sandbox = await open()
      source = sandbox.source
      table = await source.describe(sandbox.table)
      writer = await sandbox.writer()
    })
    afterAll(async () => sandbox.close())

    beforeEach(async () => {
      await writer.run(`DELETE FROM ${sandbox.sqlTable}`)
      capture = source.capture('contract')
      await capture.install([table])
      for (let changes = await capture.read(1000); changes.length > 0;) {
        await capture.acknowledge(await capture.token('contract'), changes)
        changes = await capture.read(1000)
      }
    })

    const insert = (id: number, text = `'name ${id}'`): Promise<void> =>
      writer.run(`INSERT INTO ${sandbox.sqlTable} (id, name) VALUES (${id}, ${text})`)

    async function keys(from: KeyText | null, to: KeyText | null): Promise<KeyText[]> {
      const alone: KeyText[] = []
      for await (const page of source.rows.keys(table, from, to)) alone.push(...page)
      const found: KeyText[] = []
      for await (const page of source.rows.range(table, from, to))
        found.push(...Array.from(page, keyOfRow(table)))
      expect(alone).toEqual(found)
      return found
    }

    test('says what server it is, and has something to seal with', () => {
      expect(source.server).toMatch(/\S+ \d/)
      expect(source.sealSecret.length).toBeGreaterThan(0)
    })

    test('describes a table, and says what is not there', async () => {
      expect(table).toMatchObject({ name: sandbox.table, key: ['id'] })
      expect(table.columns).toMatchObject([
        { name: 'id', kind: 'integer', nullable: false, large: false },
        { name: 'name', kind: 'text', nullable: true },
      ])
      const [database = ''] = sandbox.table.split('.')
      await expect(source.describe(`${database}.not_there`)).rejects.toMatchObject({
        code: 'TABLE_UNKNOWN',
      })
      await expect(source.describe('not_there.t')).rejects.toMatchObject({
        code: 'DATABASE_UNKNOWN',
      })
    })

    test('checks a good table without a blocking finding, and refuses one without a key', async () => {
      const good = await source.check([table])
      expect(good.filter(({ blocks }) => blocks)).toEqual([])
      const bad = await source.check([await source.describe(sandbox.keyless)])
      expect(bad).toContainEqual(
        expect.objectContaining({ code: 'KEY_MISSING', about: sandbox.keyless, blocks: true }),
      )
    })

    test('reads ranges that meet without gap or overlap, in the order of the key', async () => {
      for (const id of [3, 1, 10, 2, -5]) await insert(id)
      expect(await keys(null, null)).toEqual(['-5', '1', '2', '3', '10'])
      expect(await keys('1', '3')).toEqual(['2', '3'])
      expect(await keys(null, '1')).toEqual(['-5', '1'])
      expect(await keys('3', null)).toEqual(['10'])
      expect(await keys('4', '9')).toEqual([])
      expect(await source.rows.boundaries(table, null, 2, 10)).toEqual(['1', '3'])
      expect(await source.rows.boundaries(table, '1', 2, 1)).toEqual(['3'])
      expect(await source.rows.boundaries(table, null, 9, 10)).toEqual([])
      expect(await source.rows.estimate(table)).toBeGreaterThanOrEqual(0)
    })

    test('tells NULL from an empty or blank text', async () => {
      await insert(1, 'NULL')
      await insert(2, "' '")
      const rows = await source.rows.matching(table, ['1', '2', '3'])
      expect([...rows.keys()].sort()).toEqual(['1', '2'])
      expect(rows.get('1')?.[1]).toBeNull()
      expect(Buffer.from(rows.get('2')?.[1] ?? 'absent').toString()).toBe(' ')
      expect(await source.rows.existing(table, ['1', '3'])).toEqual(new Set(['1']))
    })

    test('refuses a key that cannot be read', async () => {
      await expect(source.rows.matching(table, ['1|2'])).rejects.toMatchObject({
        code: 'LOG_KEY_UNREADABLE',
      })
      await expect(source.rows.existing(table, ['~x'])).rejects.toMatchObject({
        code: 'LOG_KEY_UNREADABLE',
      })
    })

    test('tells insert, update, delete and a changed key apart', async () => {
      /** What is logged now; forgotten then, because a log that folds would write over it. */
      const next = async (): Promise<readonly Change[]> => {
        const token = await capture.token('contract')
        const changes = await capture.read(10)
        expect(changes.every((change) => change.table === sandbox.table)).toBe(true)
        expect(await capture.read(1)).toEqual(changes.slice(0, 1))
        await capture.acknowledge(token, changes)
        return changes
      }
      await insert(1)
      expect(await next()).toMatchObject([{ kind: 'insert', key: '1', columns: null }])
      await writer.run(`UPDATE ${sandbox.sqlTable} SET name = 'other' WHERE id = 1`)
      const columns = new Set(['name'])
      expect(await next()).toMatchObject([{ kind: 'update', key: '1', columns }])
      await writer.run(`UPDATE ${sandbox.sqlTable} SET id = 2 WHERE id = 1`)
      expect(await next()).toMatchObject([
        { kind: 'delete', key: '1', columns: null },
        { kind: 'insert', key: '2', columns: null },
      ])
      await writer.run(`DELETE FROM ${sandbox.sqlTable}`)
      expect(await next()).toMatchObject([{ kind: 'delete', key: '2', columns: null }])
    })

    test('logs nothing of what was rolled back, and nothing before it is committed', async () => {
      await writer.begin()
      await insert(1)
      expect(await capture.read(10)).toEqual([])
      await writer.rollback()
      expect(await capture.read(10)).toEqual([])
      expect((await capture.lag()).changes).toBe(0)
    })

    test('gives tokens that rise by at least two and fence every earlier one', async () => {
      await insert(1)
      const first = await capture.token('first')
      const changes = await capture.read(10)
      const second = await capture.token('second')
      expect(second).toBeGreaterThanOrEqual(first + 2)
      expect(Math.abs(Date.now() - second)).toBeLessThan(60_000)
      expect(await capture.acknowledge(first, changes)).toBe(false)
      expect(await capture.read(10)).toEqual(changes)
      expect(await capture.lag()).toMatchObject({ changes: 1, dead: 0, token: second })
      expect(await capture.acknowledge(second, changes)).toBe(true)
      expect(await capture.acknowledge(second, changes)).toBe(true)
      expect(await capture.lag()).toMatchObject({ changes: 0, seconds: 0, token: second })
    })

    test('acknowledges what was read and not what came after', async () => {
      await insert(1)
      const token = await capture.token('a')
      const changes = await capture.read(10)
      await writer.run(`UPDATE ${sandbox.sqlTable} SET name = 'later'`)
      expect(await capture.acknowledge(token, changes)).toBe(true)
      expect((await capture.read(10)).map(({ kind }) => kind)).toEqual(['update'])
    })

    test('keeps dead letters until they are enqueued, and says what waits', async () => {
      await insert(1)
      const letter = { table: sandbox.table, key: '1', reason: 'It cannot be written' }
      await capture.bury([letter])
      await capture.bury([letter])
      expect(await capture.dead(10)).toEqual([letter])
      await capture.enqueue(sandbox.table, ['1', '7'])
      expect(await capture.dead(10)).toEqual([])
      const refreshed = (await capture.read(10)).filter(({ kind }) => kind === 'refresh')
      expect(refreshed.map(({ key }) => key).sort()).toEqual(['1', '7'])
      expect(await capture.pending(sandbox.table, ['1', '2', '7'])).toEqual(new Set(['1', '7']))
    })

    test('compacts to at most two rows per key, unless it is fenced', async () => {
      await insert(1)
      for (let i = 0; i < 5; i++) await writer.run(`UPDATE ${sandbox.sqlTable} SET name = '${i}'`)
      const old = await capture.token('old')
      const token = await capture.token('new')
      expect(await capture.compact(old, 100)).toBeNull()
      // Six changes, unless the log folds by itself
      expect(await capture.compact(token, 100)).toMatchObject({ after: 2 })
      expect(await capture.read(10)).toHaveLength(2)
      expect(await capture.compact(token, 100)).toEqual({ before: 2, after: 2 })
    })

    test('passes the barrier once no write is open', async () => {
      await capture.barrier([table])
      const other = await sandbox.writer()
      await other.begin()
      await other.run(`INSERT INTO ${sandbox.sqlTable} (id, name) VALUES (99, 'x')`)
      const state = { passed: false }
      const passing = capture.barrier([table]).then(() => (state.passed = true))
      await new Promise((resolve) => setTimeout(resolve, 700))
      expect(state.passed).toBe(false)
      await other.commit()
      await passing
    })

    test('keeps two projects apart, and leaves nothing when both are released', async () => {
      const second = source.capture('second')
      await second.install([table])
      expect([...(await source.captured())].sort()).toEqual(['contract', 'second'])
      await insert(1)
      expect(await capture.read(10)).toHaveLength(1)
      expect(await second.read(10)).toHaveLength(1)
      expect(await capture.damage()).toEqual([])
      expect(await capture.remove()).toEqual([])
      expect(await second.read(10)).toHaveLength(1)
      expect(await second.damage()).toEqual([])
      expect(await second.remove()).toEqual([])
      expect(await second.remove()).toEqual([])
      expect(await source.captured()).toEqual([])
      await expect(capture.read(1)).rejects.toMatchObject({ code: 'CAPTURE_LOST' })
      await insert(2)
    })
  })
}
