import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change } from '../../model/change.ts'
import { fold } from '../../plan/fold.ts'

let seq = 0n

const change = (kind: Change['kind'], columns: string[] | null = null, key = '1'): Change => ({
  seq: (seq += 1n),
  table: 'shop.goods',
  kind,
  key,
  columns: columns === null ? null : new Set(columns),
})

describe('the changes of one row', () => {
  test.each<
    [what: string, changes: Change[], kind: 'replace' | 'update', columns: string[] | null]
  >([
    ['one update', [change('update', ['a'])], 'update', ['a']],
    ['two updates', [change('update', ['a']), change('update', ['b', 'a'])], 'update', ['a', 'b']],
    ['an update of unknown columns', [change('update', ['a']), change('update')], 'update', null],
    ['an insert', [change('insert')], 'replace', null],
    ['an insert and an update', [change('insert'), change('update', ['a'])], 'replace', null],
    ['an update and a delete', [change('update', ['a']), change('delete')], 'replace', null],
    ['a delete and an insert', [change('delete'), change('insert')], 'replace', null],
    ['a refresh', [change('refresh'), change('update', ['a'])], 'replace', null],
  ])('%s are written once', (_what, changes, kind, columns) => {
    expect(fold(changes)).toEqual([
      {
        table: 'shop.goods',
        key: '1',
        kind,
        columns: columns === null ? null : new Set(columns),
        changes,
      },
    ])
  })

  test('are acknowledged all, and those of other rows apart', () => {
    const some = fc.record({
      table: fc.constantFrom('a', 'b', 'a|1'),
      key: fc.constantFrom('1', '2', '1|1', ''),
      kind: fc.constantFrom<Change['kind'][]>('insert', 'update', 'delete', 'refresh'),
    })
    fc.assert(
      fc.property(fc.array(some, { maxLength: 20 }), (parts) => {
        const changes = parts.map((part) => ({ ...change('update', ['a']), ...part }))
        const folded = fold(changes)
        const names = folded.map(({ table, key }) => JSON.stringify([table, key]))
        expect(new Set(names).size).toBe(folded.length)
        for (const { table, key, changes: own } of folded)
          expect(own).toEqual(changes.filter((one) => one.table === table && one.key === key))
        expect(folded.flatMap((one) => one.changes)).toHaveLength(changes.length)
      }),
    )
  })

  test('come to the same in any order', () => {
    const changes = [change('update', ['a']), change('update', ['b']), change('delete')]
    const [forth] = fold(changes)
    const [back] = fold(changes.toReversed())
    expect({ ...back, changes: [] }).toEqual({ ...forth, changes: [] })
  })
})

test('no changes fold to nothing', () => {
  expect(fold([])).toEqual([])
})
