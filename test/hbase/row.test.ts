import { expect, test } from 'vitest'
import { bytes, cell, createTable, marker, openClient, put, show, text } from './server.ts'
import type { CheckedMutation, Comparison, Result } from '../../hbase/index.ts'
import { KeyType } from '../../hbase/index.ts'
import { openTampered } from './tampering.ts'

const client = openClient()
const row = bytes('r')
const column = { family: 'd', qualifier: bytes('n') }
const numbers = ({ cells }: Result) => cells.map(({ value }) => Buffer.from(value).readBigInt64BE())

test('numbers are added to, and the new ones come back', async () => {
  const table = await createTable(client)
  expect(numbers(await client.increment(table, row, [{ ...column, by: 5 }]))).toEqual([5n])
  const other = { family: 'd', qualifier: bytes('m'), by: 1n << 62n }
  expect(numbers(await client.increment(table, row, [{ ...column, by: -7 }, other]))).toEqual(
    expect.arrayContaining([-2n, 1n << 62n]),
  )
})

test('bytes are put behind others, and the new value comes back', async () => {
  const table = await createTable(client)
  await client.append(table, row, [{ ...column, value: bytes('ab') }])
  const result = await client.append(table, row, [{ ...column, value: bytes('cd') }])
  expect(show(result)).toBe('n=abcd')
})

test('an answer that is lost makes no number grow twice, and no value', async () => {
  const table = await createTable(client)
  let lose = false
  let changes = 0
  const lossy = await openTampered({
    request: (frame, method) => {
      lose = method === 'Mutate' && ++changes % 2 === 1
      return [frame]
    },
    answer: (frame) => (lose ? 'cut' : frame),
  })
  for (let i = 1; i <= 5; i++) {
    expect(numbers(await lossy.increment(table, row, [{ ...column, by: 1 }]))).toEqual([BigInt(i)])
  }
  const letters = { family: 'd', qualifier: bytes('l') }
  for (const value of ['a', 'b', 'c']) {
    await lossy.append(table, row, [{ ...letters, value: bytes(value) }])
  }
  const [stored] = await client.get(table, [row])
  expect(show(stored)).toContain('l=abc')
  expect(changes).toBe(16)
})

test.each<[Comparison, readonly [boolean, boolean, boolean]]>([
  ['<', [false, false, true]],
  ['<=', [false, true, true]],
  ['=', [false, true, false]],
  ['!=', [true, false, true]],
  ['>=', [true, true, false]],
  ['>', [true, false, false]],
])('a row is changed if the stored value is %s the given one', async (is, made) => {
  const table = await createTable(client)
  await client.mutate(table, [put('r', 1, 'm')])
  const results = []
  for (const value of ['a', 'm', 'z']) {
    const check = { family: 'd', qualifier: bytes('q'), is, value: bytes(value) }
    const cells = [cell('seen', 1, value)]
    results.push(await client.checkAndMutate(table, { row, if: check, cells }))
  }
  expect(results).toEqual(made)
})

test('a row is made only if it is not there, and changed by values and markers at once', async () => {
  const table = await createTable(client)
  const absent = { family: 'd', qualifier: bytes('q'), is: 'absent' } as const
  const make = (value: string): CheckedMutation => ({
    row,
    if: absent,
    cells: [cell('q', 5, value)],
  })
  expect(await client.checkAndMutate(table, make('first'))).toBe(true)
  expect(await client.checkAndMutate(table, make('second'))).toBe(false)
  const equal = { ...absent, is: '=', value: bytes('first') } as const
  const cells = [marker(KeyType.deleteColumn, 6, 'q'), cell('p', 6, 'new')]
  expect(await client.checkAndMutate(table, { row, if: equal, cells })).toBe(true)
  const [stored] = await client.get(table, [row])
  expect(show(stored)).toBe('p=new')
})

test('a checked change whose answer is lost says so', async () => {
  const table = await createTable(client)
  let lose = false
  const lossy = await openTampered({
    request: (frame, method) => {
      lose ||= method === 'Multi'
      return [frame]
    },
    answer: (frame) => (lose ? 'cut' : frame),
  })
  const check = { family: 'd', qualifier: bytes('q'), is: 'absent' } as const
  const change = { row, if: check, cells: [cell('q', 5, 'v')] }
  const unknown = { code: 'OUTCOME_UNKNOWN', table }
  await expect(lossy.checkAndMutate(table, change)).rejects.toMatchObject(unknown)
})

test('rows are told to be there or not', async () => {
  const table = await createTable(client, { splits: [bytes('m')] })
  await client.mutate(table, [put('a', 1, 'v'), put('z', 1, 'v')])
  const rows = ['a', 'b', 'z'].map(bytes)
  expect(await client.exists(table, rows)).toEqual([true, false, true])
  const columns = [{ family: 'd', qualifiers: [bytes('other')] }]
  expect(await client.exists(table, rows, { columns })).toEqual([false, false, false])
})

test('a marker for one version of a family hides just that', async () => {
  const table = await createTable(client, { versions: 3 })
  for (const timestamp of [1, 2, 3]) {
    await client.mutate(table, [
      { row, cells: [cell('a', timestamp, 'v'), cell('b', timestamp, 'v')] },
    ])
  }
  const hide = marker(KeyType.deleteFamilyVersion, 2)
  await client.mutate(table, [{ row, cells: [hide] }], { atomic: true })
  const [stored] = await client.get(table, [row], { versions: Infinity })
  expect(stored?.cells.map(({ qualifier, timestamp }) => `${text(qualifier)}${timestamp}`)).toEqual(
    ['a3', 'a1', 'b3', 'b1'],
  )
})

test.each<[string, () => Promise<unknown>, string]>([
  ['half a step', () => client.increment('t', row, [{ ...column, by: 0.5 }]), 'CELL_INVALID'],
  [
    'a step of 65 bits',
    () => client.increment('t', row, [{ ...column, by: 1n << 63n }]),
    'CELL_INVALID',
  ],
  ['no column', () => client.append('t', row, []), 'CELL_INVALID'],
  [
    'more bytes than a cell may have',
    () =>
      openClient({ maxCellBytes: 100 }).append('t', row, [
        { ...column, value: bytes('v'.repeat(100)) },
      ]),
    'CELL_TOO_LARGE',
  ],
  ['no row', () => client.append('t', bytes(''), [{ ...column, value: row }]), 'ROW_KEY_INVALID'],
  [
    'no family',
    () => client.increment('t', row, [{ ...column, family: '', by: 1 }]),
    'FAMILY_INVALID',
  ],
  [
    'a time before 1970',
    () =>
      client.checkAndMutate('t', {
        row,
        if: { ...column, is: 'absent' },
        cells: [cell('q', -1, 'v')],
      }),
    'NEGATIVE_TIMESTAMP',
  ],
  [
    'nothing to compare with',
    () =>
      client.checkAndMutate('t', { row, if: { ...column, is: '=' }, cells: [cell('q', 1, 'v')] }),
    'CELL_INVALID',
  ],
])('a change with %s is refused before it is sent', async (_what, change, code) => {
  await expect(change()).rejects.toMatchObject({ code, table: 't' })
})
