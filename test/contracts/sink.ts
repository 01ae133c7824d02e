import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RowMutation } from '../../model/mutation.ts'
import type { Sink, Target } from '../../sinks/sink.ts'
import { changesContract } from './changes.ts'
import { putsContract } from './puts.ts'
import { bytes, collectBoth, put, remove, replace, shown, update } from './rows.ts'
import { arrivals, visible } from './versions.ts'

/** Somewhere a sink can be tried out. */
interface SinkSandbox {
  readonly sink: Sink
  /** No cell may be larger than this; more than the longest row key. */
  readonly maxCellBytes: number
  /** How many random histories to try. */
  readonly runs: number
  /** Creates a table behind the sink's back; with a row in its first family, if asked. */
  foreign(table: string, families: readonly string[], row: string | null): Promise<void>
  close(): Promise<void>
}

const ATOMIC = { atomic: true }

/** What every sink must do. Each implementation's test calls it once. */
export function sinkContract(name: string, open: () => Promise<SinkSandbox>): void {
  describe(`${name} as a sink`, () => {
    let sandbox: SinkSandbox
    let sink: Sink
    let tables = 0

    beforeAll(async () => {
      sandbox = await open()
      sink = sandbox.sink
    })
    afterAll(() => sandbox.close())

    const target = (over: Partial<Target> = {}): Target => ({
      table: `longhaul_contract:t${(tables += 1)}`,
      families: ['f', 'g'],
      owner: 'shop',
      splits: [],
      ...over,
    })
    const prepared = async (over: Partial<Target> = {}): Promise<string> => {
      const wanted = target(over)
      await sink.prepare(wanted)
      return wanted.table
    }
    const write = async (table: string, ...mutations: RowMutation[]): Promise<void> => {
      for (const mutation of mutations)
        expect(await sink.write(table, [mutation], ATOMIC)).toEqual([])
    }
    const rows = async (table: string): Promise<Record<string, string>> =>
      shown(await collectBoth(sink, table, { from: null, to: null }))

    test('says what it is', async () => {
      expect(await sink.server()).not.toBe('')
    })

    describe('a table', () => {
      test('is prepared once, however often it is asked for', async () => {
        const wanted = target({ splits: [bytes('m')] })
        expect(await sink.check(wanted)).toEqual([])
        await Promise.all([sink.prepare(wanted), sink.prepare(wanted)])
        await write(wanted.table, put('a', 10, { 'f:a': 'x' }), put('z', 10, { 'g:a': 'y' }))
        await sink.prepare(wanted)
        expect(await sink.check(wanted)).toEqual([])
        expect(await rows(wanted.table)).toEqual({ a: 'f:a@10=x', z: 'g:a@10=y' })
      })

      test('is dropped by its owner only', async () => {
        const table = await prepared()
        await expect(sink.drop(table, 'other')).rejects.toMatchObject({ code: 'TARGET_ROWS' })
        expect(await sink.drop(table, 'shop')).toBe(true)
        expect(await sink.drop(table, 'shop')).toBe(false)
      })

      test('that is missing is named', async () => {
        const { table } = target()
        const missing = { code: 'TARGET_MISSING' }
        const mutation = put('a', 10, { 'f:a': 'x' })
        await expect(sink.write(table, [mutation], ATOMIC)).rejects.toMatchObject(missing)
        await expect(sink.read(table, [bytes('a')])).rejects.toMatchObject(missing)
        await expect(rows(table)).rejects.toMatchObject(missing)
      })

      test('with other families is refused', async () => {
        const wanted = target()
        await sandbox.foreign(wanted.table, ['f', 'other'], null)
        const findings = await sink.check(wanted)
        expect(findings.length).toBeGreaterThan(0)
        expect(findings[0]).toMatchObject({ code: 'TARGET_FAMILIES', blocks: true })
        expect(findings[0]?.text).toContain('lacks g and also has other')
        await expect(sink.prepare(wanted)).rejects.toMatchObject({ code: 'TARGET_FAMILIES' })
      })

      test('with rows of somebody else is refused', async () => {
        const wanted = target()
        await sandbox.foreign(wanted.table, wanted.families, 'theirs')
        const findings = await sink.check(wanted)
        expect(findings).toContainEqual(
          expect.objectContaining({ code: 'TARGET_ROWS', about: wanted.table, blocks: true }),
        )
        expect(JSON.stringify(findings)).not.toContain('theirs')
        await expect(sink.prepare(wanted)).rejects.toMatchObject({ name: 'SyncError' })
        await expect(sink.drop(wanted.table, 'shop')).rejects.toMatchObject({
          code: 'TARGET_ROWS',
        })
      })

      test('that is empty and without an owner is used, and stays without one', async () => {
        const wanted = target()
        await sandbox.foreign(wanted.table, wanted.families, null)
        expect(await sink.check(wanted)).toEqual([])
        await sink.prepare(wanted)
        await write(wanted.table, put('a', 10, { 'f:a': '1' }))
        expect(await rows(wanted.table)).toEqual({ a: 'f:a@10=1' })
        await expect(sink.drop(wanted.table, 'shop')).rejects.toMatchObject({
          code: 'TARGET_ROWS',
        })
      })

      test('of another project is refused, even while it is empty', async () => {
        const wanted = target()
        await sink.prepare(wanted)
        const findings = await sink.check({ ...wanted, owner: 'other' })
        expect(findings).toMatchObject([{ code: 'TARGET_ROWS', blocks: true }])
        await expect(sink.prepare({ ...wanted, owner: 'other' })).rejects.toMatchObject({
          code: 'TARGET_ROWS',
        })
      })
    })

    describe('writing', () => {
      test('keeps what a put does not mention', async () => {
        const table = await prepared()
        await write(table, put('a', 10, { 'f:a': '1', 'g:b': '2' }), put('a', 12, { 'f:a': '3' }))
        expect(await rows(table)).toEqual({ a: 'f:a@12=3 g:b@10=2' })
      })

      test('replaces all of a row', async () => {
        const table = await prepared()
        await write(table, put('a', 10, { 'f:a': '1', 'g:b': '2' }))
        await write(table, replace('a', 12, { 'f:c': '3' }))
        expect(await rows(table)).toEqual({ a: 'f:c@12=3' })
      })

      test('replaces only the families it was given', async () => {
        const table = await prepared()
        await write(table, put('a', 10, { 'f:a': '1', 'g:b': '2' }))
        await write(table, { ...replace('a', 12, { 'f:c': '3' }), families: [bytes('f')] })
        expect(await rows(table)).toEqual({ a: 'f:c@12=3 g:b@10=2' })
      })

      test('keeps NULL, the empty text and no value apart', async () => {
        const table = await prepared()
        await write(table, put('a', 10, { 'f:a': '1', 'f:b': '2', 'f:c': '3' }))
        await write(table, update('a', 12, { 'f:a': null, 'f:b': '', 'f:d': null }))
        expect(await rows(table)).toEqual({ a: 'f:b@12= f:c@10=3' })
        const [row] = await sink.read(table, [bytes('a')])
        expect(row?.cells[0]?.value).toHaveLength(0)
      })

      test('an update to NULL hides every older version', async () => {
        const table = await prepared()
        await write(table, put('a', 10, { 'f:a': '1' }), put('a', 12, { 'f:a': '2' }))
        await write(table, update('a', 14, { 'f:a': null }))
        await write(table, put('a', 11, { 'f:a': 'late' }))
        expect(await rows(table)).toEqual({})
      })

      // T51
      test('hides a put that is older than the removal it comes after', async () => {
        const table = await prepared()
        await write(table, put('a', 10, { 'f:a': '1' }), remove('a', 20))
        await write(table, put('a', 18, { 'f:a': 'late', 'g:b': 'late' }))
        expect(await rows(table)).toEqual({})
        await write(table, put('a', 22, { 'f:a': 'new' }))
        expect(await rows(table)).toEqual({ a: 'f:a@22=new' })
      })

      // T51
      test('hides a put that is older than the replacement it comes after', async () => {
        const table = await prepared()
        await write(table, replace('a', 20, { 'f:a': '1' }))
        await write(table, put('a', 10, { 'f:a': 'late', 'f:b': 'late', 'g:b': 'late' }))
        expect(await rows(table)).toEqual({ a: 'f:a@20=1' })
      })

      // T50
      test('changes nothing when an older batch is finished late', async () => {
        const table = await prepared()
        await write(table, replace('a', 20, { 'f:a': 'new', 'f:b': 'new' }), remove('gone', 20))
        await write(table, replace('a', 10, { 'f:a': 'old', 'f:c': 'old' }))
        await write(table, update('a', 12, { 'f:a': null, 'f:b': 'old' }), remove('a', 14))
        await write(table, replace('gone', 10, { 'f:a': 'old' }))
        expect(await rows(table)).toEqual({ a: 'f:a@20=new f:b@20=new' })
      })

      test('the load may come after what was applied', async () => {
        const table = await prepared()
        await write(table, update('a', 20, { 'f:a': 'new', 'f:b': null }))
        await sink.write(table, [put('a', 10, { 'f:a': 'old', 'f:b': 'old', 'f:c': 'old' })], {
          atomic: false,
        })
        expect(await rows(table)).toEqual({ a: 'f:a@20=new f:c@10=old' })
      })

      test('may be repeated', async () => {
        const table = await prepared()
        const batch = [
          replace('a', 10, { 'f:a': '1' }),
          update('b', 10, { 'f:a': '2', 'f:b': null }),
          remove('c', 10),
        ]
        await sink.write(table, batch, ATOMIC)
        const once = await rows(table)
        await sink.write(table, batch, ATOMIC)
        expect(await rows(table)).toEqual(once)
        expect(once).toEqual({ a: 'f:a@10=1', b: 'f:a@10=2' })
      })

      test('nothing is not an error', async () => {
        const table = await prepared()
        expect(await sink.write(table, [], ATOMIC)).toEqual([])
        expect(await sink.read(table, [])).toEqual([])
      })

      test('takes a thousand rows at once, over several regions', async () => {
        const table = await prepared({ splits: [bytes('r0250'), bytes('r0500'), bytes('r0750')] })
        const batch = Array.from({ length: 1000 }, (_, i) => replace(name4(i), 10, { 'f:a': '1' }))
        expect(await sink.write(table, batch, ATOMIC)).toEqual([])
        expect(Object.keys(await rows(table))).toEqual(
          Array.from({ length: 1000 }, (_, i) => name4(i)),
        )
      })

      test('comes to the same in any order and any number of times', async () => {
        const table = await prepared()
        let run = 0
        await fc.assert(
          fc.asyncProperty(arrivals, async ({ mutations, order }) => {
            const prefix = `run${String((run += 1)).padStart(5, '0')}/`
            const renamed = mutations.map((mutation) => ({
              ...mutation,
              row: bytes(prefix + mutation.rowName),
            }))
            for (const i of order) await sink.write(table, [renamed[i] as RowMutation], ATOMIC)
            const stored = collectBoth(sink, table, {
              from: bytes(prefix),
              to: bytes(`${prefix}~`),
            })
            expect(shown(await stored)).toEqual(visible(renamed))
          }),
          { numRuns: sandbox.runs },
        )
      })
    })

    const writing = {
      sink: () => sink,
      maxCellBytes: () => sandbox.maxCellBytes,
      prepared,
      rows,
    }
    putsContract(writing)
    changesContract(writing)

    describe('a row it cannot take', () => {
      test('does not hold up the others', async () => {
        const table = await prepared()
        const large = 'secret'.repeat(sandbox.maxCellBytes / 6 + 1)
        for (const kind of [put, replace, update]) {
          const rejected = await sink.write(
            table,
            [
              kind('a', 10, { 'f:a': '1' }),
              kind('b', 10, { 'f:a': '1', 'f:big': large }),
              kind('c'.repeat(32_768), 10, { 'f:a': '1' }),
              kind('', 10, { 'f:a': '1' }),
              kind('d', -2, { 'f:a': '1' }),
              kind('e', 10, { 'f:a': '1' }),
            ],
            ATOMIC,
          )
          expect(rejected.map(({ index }) => index).sort()).toEqual([1, 2, 3, 4])
          const reasons = rejected.map(({ reason }) => reason).join('\n')
          expect(reasons).toContain('f:big')
          expect(reasons).toContain('32768')
          expect(reasons).not.toContain('secret')
        }
        expect(await rows(table)).toEqual({ a: 'f:a@10=1', e: 'f:a@10=1' })
      })

      test('is a replacement at version 0, whose markers would be below 0', async () => {
        const table = await prepared()
        const batch = [replace('a', 0, { 'f:a': '1' }), put('b', 0, { 'f:a': '1' })]
        expect(await sink.write(table, batch, ATOMIC)).toMatchObject([{ index: 0 }])
        expect(await rows(table)).toEqual({ b: 'f:a@0=1' })
      })

      test('is not there when it is read', async () => {
        const table = await prepared()
        const asked = [bytes(''), bytes('c'.repeat(32_768))]
        expect(await sink.read(table, asked)).toEqual([null, null])
      })

      test('may be as long as HBase allows', async () => {
        const table = await prepared()
        const key = 'k'.repeat(32_767)
        await write(table, put(key, 10, { 'f:a': '1' }))
        expect(await rows(table)).toEqual({ [key]: 'f:a@10=1' })
        expect(await sink.read(table, [bytes(key)])).not.toEqual([null])
        const bound = Buffer.from(key)
        const upTo = await collectBoth(sink, table, { from: null, to: bound })
        expect(Object.keys(shown(upTo))).toEqual([key])
        expect(bound.toString()).toBe(key)
        const last = new Uint8Array(32_767).fill(0xff)
        expect(await collectBoth(sink, table, { from: null, to: last })).toHaveLength(1)
        expect(await collectBoth(sink, table, { from: bound, to: last })).toEqual([])
      })
    })

    describe('reading', () => {
      test('answers in the order asked', async () => {
        const table = await prepared()
        await write(table, put('a', 10, { 'f:a': '1' }), put('b', 10, { 'f:a': '2' }))
        const asked = ['b', 'none', 'a', 'b'].map(bytes)
        const answer = await sink.read(table, asked)
        expect(answer.map((row) => (row === null ? null : shown([row])))).toEqual([
          { b: 'f:a@10=2' },
          null,
          { a: 'f:a@10=1' },
          { b: 'f:a@10=2' },
        ])
      })

      test('gives cells in the order of family and qualifier bytes', async () => {
        const table = await prepared()
        const cells = { 'g:a': '1', 'f:b': '2', 'f:B': '3', 'f:é': '4', 'f:ab': '5' }
        await write(table, put('a', 10, cells))
        expect(await rows(table)).toEqual({ a: 'f:B@10=3 f:ab@10=5 f:b@10=2 f:é@10=4 g:a@10=1' })
      })

      test('gives any bytes back as they were', async () => {
        const table = await prepared()
        const value = Uint8Array.from({ length: 256 }, (_, i) => i)
        const row = Uint8Array.of(0, 255, 10, 124, 0)
        const column = { family: bytes('f'), qualifier: Uint8Array.of(0, 200, 58) }
        const mutation = { ...put('', 10, {}), row, cells: [{ column, value }] }
        await write(table, mutation)
        const [stored] = await sink.read(table, [row])
        expect(plain(stored?.row)).toEqual(plain(row))
        expect(plain(stored?.cells[0]?.value)).toEqual(plain(value))
        expect(plain(stored?.cells[0]?.qualifier)).toEqual(plain(column.qualifier))
        expect(stored?.cells[0]?.version).toBe(10)
      })

      test('keeps nothing of the memory it was given', async () => {
        const table = await prepared()
        // As a driver gives them: a slice of a Buffer is no copy
        const column = { family: bytes('f'), qualifier: bytes('a') }
        const cells = [{ column, value: Buffer.from('before') }]
        const mutation = { ...put('', 10, {}), row: Buffer.from('a'), cells }
        await write(table, mutation)
        mutation.row.fill(0x7a)
        for (const cell of mutation.cells) cell.value.fill(0x7a)
        expect(await rows(table)).toEqual({ a: 'f:a@10=before' })
      })
    })

    describe('a scan', () => {
      test('begins after its lower and ends with its upper bound', async () => {
        const table = await prepared({ splits: [bytes('b')] })
        const keys = ['a', 'a\0', 'ab', 'b', 'b\0', 'c', '\u00ff']
        await sink.write(
          table,
          keys.map((key) => put(key, 10, { 'f:a': key })),
          ATOMIC,
        )
        const between = async (from: string | null, to: string | null): Promise<string[]> =>
          Object.keys(
            shown(
              await collectBoth(sink, table, {
                from: from === null ? null : bytes(from),
                to: to === null ? null : bytes(to),
              }),
            ),
          )
        expect(await between(null, null)).toEqual(keys)
        expect(await between('a', 'b')).toEqual(['a\0', 'ab', 'b'])
        expect(await between('b', null)).toEqual(['b\0', 'c', '\u00ff'])
        expect(await between(null, 'a')).toEqual(['a'])
        expect(await between('aa', 'aaa')).toEqual([])
        expect(await between('c', 'c')).toEqual([])
        expect(await between('c', 'a')).toEqual([])
      })

      test('covers more rows than one page holds', async () => {
        const table = await prepared({ splits: [bytes('r1500')] })
        const batch = Array.from({ length: 3000 }, (_, i) =>
          put(name4(i), 10, { 'f:a': String(i) }),
        )
        await sink.write(table, batch, { atomic: false })
        const stored = await collectBoth(sink, table, { from: null, to: null })
        expect(stored).toHaveLength(3000)
        expect(Object.keys(shown(stored))).toEqual(Array.from({ length: 3000 }, (_, i) => name4(i)))
      })

      test('gives one cell without a value where only keys are wanted', async () => {
        const table = await prepared()
        await write(table, put('a', 10, { 'f:a': '1', 'g:b': '2' }), put('b', 10, { 'g:b': '3' }))
        await write(table, put('c', 10, { 'f:a': '1' }), remove('c', 12))
        const stored = await collectBoth(sink, table, { from: null, to: null, keysOnly: true })
        expect(shown(stored)).toEqual({ a: 'f:a@10=', b: 'g:b@10=' })
      })

      test('stops when it is told to', async () => {
        const table = await prepared()
        await write(table, put('a', 10, { 'f:a': '1' }))
        const signal = AbortSignal.abort(new Error('enough'))
        await expect(collectBoth(sink, table, { from: null, to: null, signal })).rejects.toThrow(
          'enough',
        )
        await expect(
          sink.write(table, [put('a', 10, { 'f:a': '1' })], { atomic: true, signal }),
        ).rejects.toThrow('enough')
      })
    })
  })
}

const name4 = (i: number): string => `r${String(i).padStart(4, '0')}`

const plain = (array: Uint8Array | undefined): number[] => [...(array ?? [])]
