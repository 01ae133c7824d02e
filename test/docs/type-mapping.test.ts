import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Column, ColumnKind } from '../../model/table.ts'
import { sizeOf } from '../../sources/mysql/sizes.ts'
import { kindOf, mayBeKey } from '../../sources/mysql/types.ts'
import { codecs } from '../../transform/codecs/index.ts'
import { openBench, SERVERS, type Bench } from '../sources/mysql/server.ts'
import { read, table } from './markdown.ts'

interface Documented {
  readonly types: readonly string[]
  readonly kind: string
  readonly onlyMariadb: boolean
  readonly example: { readonly type: string; readonly sql: string; readonly stored: string }
  readonly key: string
}

const ROWS = table(read('docs/type-mapping.md'), 'Types').map(
  ([types = '', kind = '', , example = '', key = '']): Documented => {
    const [, type = '', sql = '', stored = ''] = /^`(.+?)` `(.+?)` → `(.+)`$/.exec(example) ?? []
    return {
      types: types.replace('(MariaDB)', '').trim().split(' '),
      kind,
      onlyMariadb: types.includes('(MariaDB)'),
      example: { type, sql, stored },
      key,
    }
  },
)

// All a MySQL or a MariaDB server calls a type in information_schema, and some of other servers
const KNOWN =
  `tinyint smallint mediumint int bigint decimal float double bit char varchar tinytext text
  mediumtext longtext inet4 inet6 binary varbinary tinyblob blob mediumblob longblob date time datetime
  timestamp year json enum set geometry point linestring polygon multipoint multilinestring
  multipolygon geometrycollection uuid vector xmltype money hstore`.split(/\s+/)

describe('docs/type-mapping.md', () => {
  test('lists the types the code carries, each once, and no others', () => {
    const listed = ROWS.flatMap(({ types }) => types.map((type) => type.toLowerCase()))
    expect(listed.toSorted()).toEqual(
      KNOWN.filter((type) => kindOf(type) !== 'unsupported').toSorted(),
    )
  })

  test.each(ROWS)('$kind: says what the code does', ({ types, kind, key }) => {
    for (const type of types) expect(kindOf(type)).toBe(kind)
    expect(mayBeKey(kind as ColumnKind) ? 'yes' : 'no').toBe(key)
  })

  test('lists every kind but unsupported', () => {
    const kinds = new Set(KNOWN.map(kindOf))
    expect(new Set(ROWS.map(({ kind }) => kind))).toEqual(
      new Set([...kinds].filter((kind) => kind !== 'unsupported')),
    )
  })
})

describe('its codecs', () => {
  test.each(table(read('docs/type-mapping.md'), 'Type'))(
    '%s as %s and %s',
    (native, ...layouts) => {
      const type = native.toLowerCase()
      const column: Column = {
        name: 'c',
        kind: kindOf(/^\w+/.exec(type)?.[0] ?? ''),
        native: type,
        nullable: true,
        large: false,
        ...sizeOf(type),
      }
      const found = ['bytes', 'phoenix'] as const
      expect(found.map((codec) => codecs[codec].layout(column)?.name ?? 'refused')).toEqual(layouts)
    },
  )
})

describe.each(SERVERS)('its examples on %s', (server) => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench(server)
    await bench.run("SET time_zone = '+00:00'")
  })
  afterAll(() => bench.close())

  test.each(ROWS.filter(({ onlyMariadb }) => server === 'mariadb' || !onlyMariadb))(
    '$example.type $example.sql → $example.stored',
    async ({ types: [name = ''], example: { type, sql, stored } }) => {
      const own = `e_${name.toLowerCase()}`
      await bench.run(
        `CREATE TABLE ${own} (id INT PRIMARY KEY, v ${type})`,
        `INSERT INTO ${own} VALUES (1, ${sql})`,
      )
      const schema = await bench.source.describe(`${bench.database}.${own}`)
      const rows = await bench.source.rows.matching(schema, ['1'])
      const value = rows.get('1')?.[1]
      expect(value && new TextDecoder().decode(value)).toBe(stored)
    },
  )
})
