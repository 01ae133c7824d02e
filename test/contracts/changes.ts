import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UNHELD, type RowMutation, type StoredColumn } from '../../model/mutation.ts'
import type { Changes } from '../../sinks/sink.ts'
import { expectRefusedOnes, type WritingSandbox } from './puts.ts'
import { bytes, put, remove, replace, update } from './rows.ts'

const NAMES = ['f:a', 'f:b', 'g:a', 'f:big']
const COLUMNS: readonly StoredColumn[] = NAMES.map((name) => {
  const [family = '', qualifier = ''] = name.split(':')
  return { family: bytes(family), qualifier: bytes(qualifier) }
})

/** Gives a mutation value by value; what it gave is written over at once. */
function give(changes: Changes, { kind, row, cells }: RowMutation): void {
  const key = Buffer.concat([bytes('<'), row, bytes('>')])
  if (kind !== 'put') changes[kind](key, 1, key.length - 1)
  key.fill(0)
  const numbered = cells.map(({ column, value }) => {
    const is = ({ family, qualifier }: StoredColumn): boolean =>
      Buffer.compare(family, column.family) === 0 &&
      Buffer.compare(qualifier, column.qualifier) === 0
    return { no: COLUMNS.findIndex(is), value }
  })
  for (const { no, value } of numbered) if (value === null && kind === 'update') changes.clear(no)
  for (const { no, value } of numbered) {
    if (value === null) continue
    if (value === UNHELD) changes.cell(no, UNHELD, 0, 0)
    else {
      const longer = Buffer.concat([bytes('<'), value, bytes('>')])
      changes.cell(no, longer, 1, longer.length - 1)
      longer.fill(0)
    }
  }
}

/** On either side of a split. */
const ROWS = ['a', 'm', 'z']
const cells = fc.dictionary(
  fc.constantFrom('f:a', 'f:b', 'g:a'),
  fc.oneof(fc.constantFrom('', '1', '2'), fc.constant(null)),
  { noNullPrototype: true },
)
const KINDS = { replace, update, remove }
const change = fc.tuple(fc.constantFrom('replace', 'update', 'remove'), cells)
/** At most one change of a row in each call. */
const call = fc.dictionary(fc.constantFrom(...ROWS), change, { noNullPrototype: true })

/** What every sink must do with changes that are given value by value. */
export function changesContract({ sink, maxCellBytes, prepared, rows }: WritingSandbox): void {
  describe('changes given value by value', () => {
    test('come to the same as mutations do', async () => {
      const [one, other] = [await prepared({ splits: [bytes('m')] }), await prepared()]
      let no = 0
      await fc.assert(
        fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 4 }), async (calls) => {
          const run = ++no
          const before = ROWS.map((row) => put(`${row}${run}`, 5, { 'f:a': '0', 'g:a': '0' }))
          for (const table of [one, other]) await sink().write(table, before, { atomic: false })
          for (const [i, all] of calls.entries()) {
            const version = 10 + 2 * i
            const mutations = Object.entries(all).map(([row, [kind, cells]]) =>
              KINDS[kind](`${row}${run}`, version, cells),
            )
            const changes = sink().changes(one, COLUMNS, version)
            for (const mutation of mutations) give(changes, mutation)
            expect(await changes.write()).toEqual([])
            expect(await sink().write(other, mutations, { atomic: true })).toEqual([])
          }
          expect(await rows(one)).toEqual(await rows(other))
        }),
        { numRuns: 30 },
      )
    })

    test('hide what is older, and nothing of their own version', async () => {
      const table = await prepared()
      const older = { 'f:a': '1', 'f:b': '1', 'g:a': '1' }
      await sink().write(
        table,
        ['removed', 'replaced', 'untouched', 'updated'].map((row) => put(row, 8, older)),
        { atomic: false },
      )
      for (let repeated = 0; repeated < 2; repeated++) {
        const changes = sink().changes(table, COLUMNS, 10)
        give(changes, replace('replaced', 10, { 'f:a': '2' }))
        give(changes, update('updated', 10, { 'f:a': '2', 'f:b': null }))
        give(changes, remove('removed', 10))
        give(changes, update('untouched', 10, {}))
        expect(await changes.write()).toEqual([])
        expect(await rows(table)).toEqual({
          replaced: 'f:a@10=2',
          untouched: 'f:a@8=1 f:b@8=1 g:a@8=1',
          updated: 'f:a@10=2 g:a@8=1',
        })
      }
    })

    test('are refused one by one', async () => {
      const table = await prepared()
      const large = 'secret'.repeat(maxCellBytes() / 6 + 1)
      const changes = sink().changes(table, COLUMNS, 10)
      give(changes, replace('a', 10, { 'f:a': '1' }))
      give(changes, replace('b', 10, { 'f:a': '1', 'f:big': large }))
      give(changes, remove('', 10))
      give(changes, remove('c'.repeat(32_768), 10))
      changes.update(bytes('d'), 0, 1)
      changes.clear(0)
      changes.cell(1, UNHELD, 0, 0)
      give(changes, update('e', 10, { 'f:a': '1', 'f:b': '2' }))
      const rejected = await changes.write()
      expectRefusedOnes(rejected)
      expect(await rows(table)).toEqual({ a: 'f:a@10=1', e: 'f:a@10=1 f:b@10=2' })
    })

    test('are all refused at a version that leaves no room for their markers', async () => {
      const table = await prepared()
      const changes = sink().changes(table, COLUMNS, 0)
      give(changes, replace('a', 0, { 'f:a': '1' }))
      give(changes, replace('b', 0, { 'f:a': '1' }))
      expect((await changes.write()).map(({ index }) => index)).toEqual([0, 1])
    })

    test('are not written where the table is missing, or the family', async () => {
      const missing = sink().changes('longhaul_contract:none', COLUMNS, 10)
      give(missing, remove('a', 10))
      await expect(missing.write()).rejects.toMatchObject({ code: 'TARGET_MISSING' })
      const there = await prepared({ families: ['f'] })
      const others = sink().changes(there, COLUMNS, 10)
      give(others, replace('a', 10, { 'g:a': '1' }))
      await expect(others.write()).rejects.toMatchObject({ code: 'TARGET_FAMILIES' })
    })
  })
}
