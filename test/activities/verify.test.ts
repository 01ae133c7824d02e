import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judge, compareRows, type Compared } from '../../activities/compare-rows.ts'
import { judging } from '../../activities/judging.ts'
import { sidesOf, versionsOf, type Sides } from '../../activities/sides.ts'
import { hashOf } from '../../activities/route.ts'
import { Stations } from '../../activities/stations.ts'
import type { Mapping } from '../../model/mapping.ts'
import type { Row } from '../../model/value.ts'
import { addCounts, noCounts } from '../../plan/counts.ts'
import { memory } from '../../sinks/memory/index.ts'
import type { Capture } from '../../sources/source.ts'
import { dialects } from '../../sources/index.ts'
import { compile } from '../../transform/compile.ts'
import { openSandbox, type Sandbox } from '../e2e/sandbox.ts'
import { mutationsOf } from '../transform/mutations.ts'
import { inject } from 'vitest'

/** The verifier is itself verified: each fault below must be found, by name, and nothing else. */
describe('the verifier', () => {
  let sandbox: Sandbox
  let sides: Sides
  let capture: Capture
  let version = 1000

  beforeAll(async () => {
    sandbox = await openSandbox('mysql')
    await sandbox.admin.query(
      `create table goods (id int primary key, name varchar(20), note varchar(20));
       insert into goods values (1, 'one', null), (2, 'two', ''), (3, 'three', 'x'), (4, 'four', 'y')`,
    )
    const { host, port } = inject('mysql')
    const source = await dialects.mysql.open(
      dialects.mysql.options.parse({
        address: `${host}:${port}`,
        user: sandbox.account.user,
        password: sandbox.account.password,
        schema: sandbox.schema,
      }),
    )
    const anchor = `${sandbox.name}.goods`
    const mapping: Mapping = {
      name: 'goods',
      source: 'app',
      cluster: 'main',
      target: 'goods',
      anchor,
      families: [{ family: 'goods', table: anchor, path: [], rename: {}, exclude: [] }],
      rowKey: {},
      accept: [],
    }
    const transform = compile(mapping, await source.describe(anchor))
    const sink = await memory.open({ store: 'memory', cluster: sandbox.name })
    await sink.prepare({ table: 'goods', families: ['goods'], owner: 'shop', splits: [] })
    capture = source.capture('shop')
    await capture.install([transform.table])
    await capture.token('test')
    sides = await sidesOf(
      { source: () => Promise.resolve(source), sink: () => Promise.resolve(sink) },
      { project: 'shop', mapping, schemaHash: hashOf(transform.table), version: 1000 },
    )
  })
  afterAll(async () => {
    await capture.remove()
    await sides.source.close()
    await sandbox.close()
  })

  const rows = async (): Promise<Row[]> => {
    const all: Row[] = []
    for await (const page of sides.source.rows.range(sides.table, null, null)) all.push(...page)
    return all
  }
  const fill = async (): Promise<void> => {
    version += 10
    const { sink, transform } = sides
    const mutations = (await rows()).map((row) => mutationsOf(transform).replace(row, version))
    await sink.write('goods', mutations, { atomic: true })
  }
  const compared = async (both: Sides, some: readonly Row[]): Promise<Compared> => {
    const { transform } = both
    const { counts, doubtful } = await compareRows(
      both,
      some.map((row) => ({ key: transform.key(row), row: transform.expected(row) })),
      new Stations(),
    )
    const judged = await judge(both, doubtful)
    return { ...judged, counts: addCounts(counts, judged.counts) }
  }
  const verify = async (): Promise<Compared> => compared(sides, await rows())
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const put = async (
    key: string,
    qualifier: string,
    value: string | null,
    at?: number,
  ): Promise<void> => {
    version += 10
    await sides.sink.write(
      'goods',
      [
        {
          kind: 'update',
          row: bytes(key),
          version: at ?? version,
          families: [bytes('goods')],
          cells: [
            {
              column: { family: bytes('goods'), qualifier: bytes(qualifier) },
              value: value === null ? null : bytes(value),
            },
          ],
        },
      ],
      { atomic: true },
    )
  }
  const removed = async (key: string): Promise<void> => {
    version += 10
    await sides.sink.write('goods', [mutationsOf(sides.transform).remove(key, version)], {
      atomic: true,
    })
  }

  test('finds nothing when nothing differs, and both digests agree', async () => {
    await fill()
    const { counts, differences } = await verify()
    expect(differences).toEqual([])
    expect(counts).toMatchObject({ rows: 4, matched: 4, cells: 11 })
    expect(counts.sourceDigest).toBe(counts.targetDigest)
    expect(BigInt(`0x${counts.sourceDigest}`)).not.toBe(0n)
  })

  test.each<
    [what: string, fault: () => Promise<void>, key: string, verdict: string, columns: string[]]
  >([
    ['a lost row', () => removed('3'), '3', 'missing', []],
    ['a lost cell', () => put('3', 'name', null), '3', 'different', ['goods:name']],
    ['another value', () => put('3', 'name', 'drei'), '3', 'different', ['goods:name']],
    ['a cell too many', () => put('3', 'colour', 'red'), '3', 'different', ['goods:colour']],
    ['an empty text for a NULL', () => put('1', 'note', ''), '1', 'different', ['goods:note']],
    ['a NULL for an empty text', () => put('2', 'note', null), '2', 'different', ['goods:note']],
    ['a blank at the end', () => put('3', 'note', 'x '), '3', 'different', ['goods:note']],
  ])('finds %s', async (...[, fault, key, verdict, columns]) => {
    await fill()
    await fault()
    const { counts, differences } = await verify()
    expect(differences).toEqual([{ key, verdict, columns }])
    expect(counts).toMatchObject({ rows: 4, matched: 3, [verdict]: 1 })
    expect(counts.sourceDigest).not.toBe(counts.targetDigest)
  })

  test('finds two rows that were swapped', async () => {
    await fill()
    await put('3', 'name', 'four')
    await put('4', 'name', 'three')
    const { differences } = await verify()
    expect(differences.map(({ key }) => key)).toEqual(['3', '4'])
  })

  test('finds a row only the target has', async () => {
    await fill()
    await put('99', 'name', 'nobody')
    expect((await judge(sides, ['99'])).differences).toEqual([
      { key: '99', verdict: 'extra', columns: [] },
    ])
    await removed('99')
  })

  test('does not report a row whose change only waits in the log', async () => {
    await fill()
    await sandbox.admin.query(`update goods set name = 'drei' where id = 3`)
    const applied = setTimeout(() => void fill().then(() => acknowledgeAll()), 700)
    const { counts, differences } = await verify()
    clearTimeout(applied)
    expect(differences).toEqual([])
    expect(counts).toMatchObject({ rows: 4, matched: 4, unstable: 0 })
  })

  test('judges what seems to differ in many pages at once; then the position moves past them', async () => {
    await fill()
    await removed('1')
    await removed('3')
    const asked: number[] = []
    const pending: Sides['capture']['pending'] = (table, keys) => {
      asked.push(keys.length)
      return capture.pending(table, keys)
    }
    const from = { at: null, counts: noCounts(), rows: 0 }
    const judged = judging({ ...sides, capture: { pending } }, { list: 'a list', from })
    const page = (key: string, doubtful: readonly string[]) =>
      judged.page({ at: key, rows: 1, counts: { ...noCounts(), rows: 1 }, doubtful })
    await page('2', [])
    expect(judged.progress()).toMatchObject({ at: '2', rows: 1 })
    for (const key of ['1', '3', '4']) await page(key, [key])
    expect(judged.progress()).toMatchObject({ at: '2', rows: 1, counts: { rows: 1, missing: 0 } })
    await judged.end()
    expect(judged.progress()).toMatchObject({
      at: '4',
      rows: 4,
      counts: { rows: 4, matched: 1, missing: 2 },
    })
    // asked before and after HBase was read; of row 4 one look is enough
    expect(asked).toEqual([3, 3, 2, 2])
  })

  test('finds a value under a version that nobody gave, and one from before the load', async () => {
    await fill()
    await put('4', 'name', 'four', Date.now() + 3_600_000)
    expect((await verify()).differences).toEqual([
      { key: '4', verdict: 'different', columns: ['goods:name'] },
    ])
    const loadedNow = { ...sides, ...versionsOf(capture, version + 1) }
    expect((await compared(loadedNow, (await rows()).slice(0, 1))).counts).toMatchObject({
      matched: 0,
      different: 1,
    })
  })

  const acknowledgeAll = async (): Promise<void> => {
    const token = await capture.token('test')
    await capture.acknowledge(token, await capture.read(100))
  }
})
