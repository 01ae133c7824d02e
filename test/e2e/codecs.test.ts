import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Mapping } from '../../model/mapping.ts'
import type { Column } from '../../model/table.ts'
import type { Certificate, ProjectStatus } from '../../model/project.ts'
import {
  startReader,
  startWitness,
  type JavaReader,
  type Library,
  type Witness,
} from '../../services/index.ts'
import { mysql } from '../../sources/mysql/index.ts'
import { codecs } from '../../transform/codecs/index.ts'
import { traces } from '../bad-input/ground.ts'
import { alike } from '../transform/alike.ts'
import { judge } from './judge.ts'
import { drained } from './live.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

const data = (name: string): string =>
  readFileSync(new URL(`../data/types/${name}.sql`, import.meta.url), 'utf8')

/** MariaDB has no GEOMCOLLECTION; the tables of both files are alike. */
const TYPES: Readonly<Record<Product, string>> = { mysql: 'mysql8', mariadb: 'mysql57' }

/** What each codec cannot hold of `full_types`. */
const UNFIT: Readonly<Record<Library, readonly string[]>> = {
  bytes: ['id', 'big_un_c', 'big_un_z_c', 'bit_c'],
  phoenix: ['big_decimal_c'],
}
const LIBRARIES = ['bytes', 'phoenix'] as const

const instead = (library: Library): string =>
  `codecs: { ${UNFIT[library].map((name) => `${name}: utf8`).join(', ')} }`

/** A second row of the edges the data has not, a third of NULLs; then changes of all three. */
const MORE = `
  insert into full_types (id, tiny_c, small_c, medium_c, int_c, big_c, varchar_c, real_c, float_c, double_c, decimal_c,
      big_decimal_c, bit1_c, tiny1_c, date_c, time_c, datetime3_c, datetime6_c, timestamp_c, bit_c, blob_c, year_c, set_c, json_c)
    values (2, -128, -32768, -8388608, -2147483648, -9223372036854775808, '', -1e300, -0.1, 5e-324, -0.0001,
      -9999999999999999999999999999999999999999999999999999999999999999.9, 0, 2, '0001-01-01', '-838:59:59', '1969-12-31 23:59:59.999',
      '9999-12-31 23:59:59.999999', '1970-01-01 00:00:01', 18446744073709551615, '', 0, '', '{"n": 12345678901234567890}');
  insert into full_types (id, enum_c) values (3, null)`
const CHANGES = `
  update full_types set int_c = -int_c - 1, decimal_c = 0, date_c = null, double_c = 0.1, datetime6_c = '2024-02-29 12:00:00.5' where id = 1;
  update full_types set big_c = 9007199254740993, float_c = 16777217, varchar_c = null, bit1_c = 1 where id = 2;
  update full_types set tiny_c = 0, decimal_c = 12.5, timestamp_c = '2038-01-19 03:14:07', json_c = '[1]' where id = 3;
  insert into full_types (id, int_c, year_c) values (4, 0, 2155);
  delete from full_types where id = 3`
const tablesOf = (text: string, suffix: string): string =>
  text.replaceAll(/\bfull_types\b/g, `full_types${suffix}`)

let witness: Witness
let java: JavaReader
beforeAll(async () => {
  witness = await startWitness({ address: inject('hbase') }, () => undefined)
  java = await startReader(() => undefined)
})
afterAll(async () => {
  java.close()
  await witness.close()
})

/** Values of an HBase table as HBase's own client reads them: by row key, then by qualifier. */
async function stored(mapping: Mapping): Promise<Map<string, Map<string, Buffer>>> {
  const rows = new Map<string, Map<string, Buffer>>()
  const text = (hex: string): string => Buffer.from(hex, 'hex').toString()
  const seen = new Set<string>()
  for await (const { row, qualifier, value } of witness.dump(mapping.target)) {
    // All versions come, the newest first
    if (seen.has(`${row} ${qualifier}`)) continue
    seen.add(`${row} ${qualifier}`)
    const cells = rows.get(text(row)) ?? new Map<string, Buffer>()
    rows.set(text(row), cells.set(text(qualifier), Buffer.from(value, 'hex')))
  }
  return rows
}

/** A cell as Java reads it, and the text it should be, in the same form. */
async function bothAs(
  library: Library,
  layout: string,
  { value, text }: { readonly value: Buffer; readonly text: Buffer },
): Promise<readonly [read: string | number, said: string | number]> {
  if (/^(text|byte\[\]|VARBINARY)$/.test(layout))
    return [value.toString('hex'), text.toString('hex')]
  // Phoenix reads an empty text as its NULL
  const read = (await java.decode(library, layout, value)) ?? Buffer.alloc(0)
  return [alike(layout, read.toString()), alike(layout, text.toString())]
}

describe.each<Product>(['mysql', 'mariadb'])('%s', (product) => {
  let sandbox: Sandbox
  let certificate: Certificate

  const mappingOf = (name: string, project = 'shop'): Mapping => {
    const found = sandbox.mappings(project).find((mapping) => mapping.name === name)
    if (found === undefined) throw new Error(`${name} is no table of ${project}`)
    return found
  }
  const verified =
    (than: string) =>
    ({ phase, certificate: issued }: ProjectStatus): Certificate | undefined =>
      phase === 'switch' && issued !== null && issued.issuedAt !== than ? issued : undefined

  beforeAll(async () => {
    sandbox = await openSandbox(product)
    const session = await sandbox.open()
    await session.query(`set sql_mode = '', time_zone = '+00:00'`)
    await session.query(data(TYPES[product]) + MORE)
    for (const name of ['mysql-charsets', 'mysql-ancient-dates']) await session.query(data(name))
    for (const library of LIBRARIES)
      await session.query(
        `create table full_types_${library} like full_types;
         insert into full_types_${library} select * from full_types;
         create table ancient_${library} like ancient_times;
         insert into ancient_${library} select * from ancient_times`,
      )
    await sandbox.worker()
    const [tables] = await sandbox.admin.query(
      `select table_name as name from information_schema.tables where table_schema = ? and table_name not rlike 'bytes|phoenix'`,
      [sandbox.name],
    )
    const plain = (tables as { name: string }[]).map(({ name }) => `  - $db.${name}`)
    await sandbox.start(`tables:
${plain.join('\n')}
  - { from: $db.full_types_bytes, codec: bytes, ${instead('bytes')} }
  - { from: $db.full_types_phoenix, codec: phoenix, ${instead('phoenix')} }
  - { from: $db.ancient_bytes, codec: bytes, codecs: { id: utf8 } }
verify: { correct: auto }
limits: { tablesInParallel: 16 }`)
    const first = await sandbox.until(verified(''), { seconds: 240 })
    for (const suffix of ['', '_bytes', '_phoenix']) await session.query(tablesOf(CHANGES, suffix))
    await drained(sandbox)
    await sandbox.update('verify', {})
    certificate = await sandbox.until(verified(first.issuedAt), { seconds: 120 })
  }, 500_000)
  afterAll(() => sandbox.close())

  test('every table of the data goes through: 0 differences after load, changes and verification', () => {
    const found = certificate.tables.map(({ name, differencesFound }) => [name, differencesFound])
    expect(found).toEqual(sandbox.mappings().map(({ name }) => [name, 0]))
    expect(certificate).toMatchObject({ clean: true, deadLetters: 0 })
    expect(found.length).toBeGreaterThan(24)
  })

  test('as text, HBase has exactly what the source has', async () => {
    for (const mapping of sandbox
      .mappings()
      .filter(({ families: [one] }) => one?.codec === undefined))
      expect({
        [mapping.name]: (await judge(witness, sandbox.admin, mapping)).differences,
      }).toEqual({ [mapping.name]: [] })
  })

  const columnsOf = async (table: string): Promise<readonly Column[]> => {
    const { host, port, user, password } = inject(product)
    const options = mysql.options.parse({ address: `${host}:${port}`, user, password })
    const source = await mysql.open(options)
    return (await source.describe(table).finally(() => source.close())).columns
  }

  /** Java's reading of every cell against the text of the same cell. Returns how many there were. */
  async function compareWithText(
    library: Library,
    laidOut: Mapping,
    plain: Mapping,
  ): Promise<number> {
    const columns = await columnsOf(laidOut.anchor)
    const own = laidOut.families[0]?.codecs ?? {}
    const [found, texts] = [await stored(laidOut), await stored(plain)]
    expect([...found.keys()]).toEqual([...texts.keys()])
    let cells = 0
    for (const [row, values] of texts) {
      const names = (cellsOfRow: Map<string, Buffer> | undefined) => [...(cellsOfRow?.keys() ?? [])]
      expect([row, names(found.get(row))]).toEqual([row, names(values)])
      for (const [name, text] of values) {
        const column = columns.find((one) => one.name === name) as Column
        const layout = codecs[own[name] ?? library].layout(column)?.name ?? ''
        const value = found.get(row)?.get(name) as Buffer
        const [read, said] = await bothAs(library, layout, { value, text })
        expect([row, name, read]).toEqual([row, name, said])
        cells++
      }
    }
    return cells
  }

  test.each(LIBRARIES)('as %s, Java reads of each cell what the text says', async (library) => {
    const cells = await compareWithText(
      library,
      mappingOf(`full_types_${library}`),
      mappingOf('full_types'),
    )
    expect(cells).toBeGreaterThan(80)
  })

  test('as bytes, zero dates and days of antiquity are texts', async () => {
    await compareWithText('bytes', mappingOf('ancient_bytes'), mappingOf('ancient_times'))
  })

  test('the verification sees a sign that was not flipped', async () => {
    const hex = (text: string): string => Buffer.from(text).toString('hex')
    await witness.put(mappingOf('full_types_phoenix').target, {
      row: hex('4'),
      family: hex('full_types_phoenix'),
      qualifier: hex('int_c'),
      timestamp: Date.now(),
      value: '00000000',
    })
    await sandbox.update('verify', {})
    const { tables } = await sandbox.until(verified(certificate.issuedAt), { seconds: 120 })
    expect(tables.find(({ name }) => name === 'full_types_phoenix')).toMatchObject({
      differencesFound: 1,
      differencesCorrected: 1,
      clean: true,
    })
  })

  test.each(LIBRARIES)(
    'what %s cannot hold is refused by name, and nothing is touched',
    async (library) => {
      const other = await openSandbox(product)
      try {
        const session = await other.open()
        await session.query(`set sql_mode = ''`)
        await session.query(data(TYPES[product]))
        await other.worker()
        await other.start(`codec: ${library}\ntables: [$db.full_types]`)
        const { failure = '' } = await other.outcome()
        expect(failure).toMatch(/^CODEC_UNFIT: .*full_types: /)
        const named = [...failure.matchAll(/(\w+) \((?:[^()]|\([^()]*\))* as (\w+)\)/g)].map(
          ([, name, codec]) => [name, codec],
        )
        expect(named).toEqual(UNFIT[library].map((name) => [name, library]))
        expect(await traces(other)).toEqual([])
      } finally {
        await other.close()
      }
    },
  )

  test('a zero date under phoenix is a dead letter, and written once it is mended', async () => {
    await sandbox.start(
      'tables: [{ from: $db.ancient_phoenix, codec: phoenix }]\nverify: { correct: auto }',
      {
        project: 'zero',
      },
    )
    const first = await sandbox.until(verified(''), { project: 'zero', seconds: 120 })
    expect(first).toMatchObject({ clean: false, deadLetters: 1 })
    const [letters] = await sandbox.admin.query(
      `select reason from \`${sandbox.schema}\`.longhaul_dead`,
    )
    expect(JSON.stringify(letters)).toContain('has a value that its codec cannot hold')
    await sandbox.admin.query(
      'delete from ancient_phoenix where id = 2; delete from ancient_times where id = 2',
    )
    await drained(sandbox)
    await sandbox.update('verify', {}, 'zero')
    const second = await sandbox.until(verified(first.issuedAt), { project: 'zero', seconds: 120 })
    expect(second).toMatchObject({ clean: true, deadLetters: 0 })
    await compareWithText(
      'phoenix',
      mappingOf('ancient_phoenix', 'zero'),
      mappingOf('ancient_times'),
    )
  })
})
