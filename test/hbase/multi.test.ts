import { bytes as bytesField, list, message, nested, uint } from '../../hbase/wire/message.ts'
import { bytes, put, replace } from './server.ts'
import { expect, test } from 'vitest'
import { BufferPool } from '../../hbase/buffers.ts'
import { CellReader, NameCache } from '../../hbase/wire/cellblock.ts'
import { HEADROOM } from '../../hbase/call.ts'
import { Get, RegionSpecifier } from '../../hbase/wire/messages.ts'
import type { GetOptions } from '../../hbase/index.ts'
import { encodeGetOptions, encodeGets } from '../../hbase/get-request.ts'
import { MutationList } from '../../hbase/batch.ts'
import { encodeWrites } from '../../hbase/multi-request.ts'
import { parseMultiResponse } from '../../hbase/multi-response.ts'

// The same messages once more, from tables of fields, to check what is written by hand.
const MutationProto = message({ row: bytesField(1), type: uint(2), cells: uint(8) })
const Action = message({ index: uint(1), mutation: nested(2, MutationProto) })
const RegionAction = message({
  region: nested(1, RegionSpecifier),
  atomic: uint(2),
  actions: list(nested(3, Action)),
})
const MultiWrite = message({ regionActions: list(nested(1, RegionAction)) })
const GetAction = message({ index: uint(1), get: nested(3, Get) })
const GetRegionAction = message({
  region: nested(1, RegionSpecifier),
  actions: list(nested(3, GetAction)),
})
const MultiRequest = message({ regionActions: list(nested(1, GetRegionAction)) })

const region = (name: string) => ({
  table: 't',
  name: bytes(name),
  specifier: RegionSpecifier.encode({ type: 1, value: bytes(name) }),
  start: bytes(''),
  end: bytes(''),
  id: 1n,
  seqNum: 1n,
  server: 's:1',
  info: {},
})

test.each([false, true])('a Multi reads back as it was meant (atomic: %s)', (atomic) => {
  const long = 'k'.repeat(300)
  const mutations = [
    put('a', 1, 'v'),
    replace('b', 5, ['x', 'y']),
    put(long, 2, 'w'.repeat(70_000)),
  ]
  const batch = new MutationList(mutations)
  for (let item = 0; item < batch.length; item++)
    expect(batch.check(item, { maxCellBytes: 1 << 20, atomic: true })).toBeTypeOf('number')
  const parts = [
    { region: region('r'.repeat(200)), items: [2, 0] },
    { region: region('other'), items: [1] },
  ]
  const { bytes: written, cellsAt } = encodeWrites(parts, batch, atomic, new BufferPool())
  const decoded = MultiWrite.decode(written.subarray(HEADROOM, cellsAt))
  const shape = decoded.regionActions.map((action) => ({
    region: Buffer.from(action.region?.value ?? []).toString(),
    atomic: action.atomic,
    actions: action.actions.map(({ index, mutation }) => [
      index,
      Buffer.from(mutation?.row ?? []).toString(),
      mutation?.type,
      mutation?.cells,
    ]),
  }))
  const flag = atomic ? 1 : undefined
  expect(shape).toEqual([
    {
      region: 'r'.repeat(200),
      atomic: flag,
      actions: [
        [0, long, 2, 1],
        [1, 'a', 2, 1],
      ],
    },
    // Markers first, then values: two actions of one row.
    {
      region: 'other',
      atomic: flag,
      actions: [
        [0, 'b', 3, 1],
        [0, 'b', 2, 2],
      ],
    },
  ])
  const reader = new CellReader(written.subarray(cellsAt), new NameCache())
  const rows: string[] = []
  while (reader.more) {
    const row = reader.row().toString()
    rows.push(`${row.slice(0, 2)} ${reader.next(0).type}`)
  }
  expect(rows).toEqual(['kk 4', 'a 4', 'b 14', 'b 4', 'b 4'])
})

test.each([
  ['nothing but rows', {}],
  [
    'columns, versions and a time range',
    { families: ['d', 'e'], versions: 3, timeRange: { from: 5, to: 2 ** 40 } },
  ],
])('a Multi of gets reads back as it was meant: %s', (_what, options) => {
  const rows = ['a', 'k'.repeat(300), 'c'].map(bytes)
  const parts = [
    { region: region('r'.repeat(200)), items: [2, 0] },
    { region: region('other'), items: [1] },
  ]
  const { bytes: written, cellsAt } = encodeGets(
    parts,
    rows,
    encodeGetOptions(options),
    new BufferPool(),
  )
  expect(cellsAt).toBe(written.length)
  const { regionActions } = MultiRequest.decode(written.subarray(HEADROOM))
  const { families = [], versions, timeRange } = options as GetOptions
  const columns = families.map((family) => ({ family: bytes(family), qualifiers: [] }))
  const get = (row: string) => ({
    row: bytes(row),
    columns,
    ...(timeRange === undefined ? {} : { timeRange }),
    ...(versions === undefined ? {} : { maxVersions: versions }),
  })
  expect(regionActions).toEqual([
    {
      region: { type: 1, value: bytes('r'.repeat(200)) },
      actions: [
        { index: 0, get: get('c') },
        { index: 1, get: get('a') },
      ],
    },
    {
      region: { type: 1, value: bytes('other') },
      actions: [{ index: 0, get: get('k'.repeat(300)) }],
    },
  ])
})

test('a buffer of the pool is used again, and never shorter than asked', () => {
  const pool = new BufferPool()
  const first = pool.take(100)
  pool.give(first)
  const second = pool.take(60_000)
  expect(second.length).toBe(60_000)
  expect(second.buffer).toBe(first.buffer)
  expect(pool.take(60_000).buffer).not.toBe(second.buffer)
})

test('results are read in any order, with the exceptions of regions and actions', () => {
  const NameBytes = message({ name: bytesField(1), value: bytesField(2) })
  const Result = message({ cells: uint(2) })
  const Outcome = message({
    index: uint(1),
    result: nested(2, Result),
    exception: nested(3, NameBytes),
  })
  const PartOutcome = message({
    outcomes: list(nested(1, Outcome)),
    exception: nested(2, NameBytes),
    processed: uint(3),
  })
  const MultiResponse = message({ parts: list(nested(1, PartOutcome)), processed: uint(2) })
  const busy = {
    name: bytes('org.apache.hadoop.hbase.RegionTooBusyException'),
    value: bytes('x\ny'),
  }
  const answer = MultiResponse.encode({
    parts: [
      {
        outcomes: [
          { index: 2, result: { cells: 7 } },
          { index: 0, exception: busy },
        ],
        processed: 1,
      },
      { outcomes: [], exception: busy },
    ],
    processed: 1,
  })
  const [first, second] = parseMultiResponse(answer, 2)
  expect(first?.actions.map(({ index, cells, fault }) => [index, cells, fault?.remedy])).toEqual([
    [2, 7, undefined],
    [0, 0, 'overloaded'],
  ])
  expect([first?.processed, first?.fault]).toEqual([true, undefined])
  expect(second?.fault?.remedy).toBe('overloaded')
  expect(() => parseMultiResponse(answer, 3)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }))
  expect(() => parseMultiResponse(answer.subarray(0, 20), 2)).toThrow(
    expect.objectContaining({ code: 'PROTOCOL' }),
  )
})

test('an answer with a field that reaches into the next one is refused', () => {
  // RegionActionResult { ResultOrException { index = 0x80 | 0x01, its second byte outside } }
  const broken = Buffer.from('0a050a02088001', 'hex')
  expect(() => parseMultiResponse(broken, 1)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }))
})
