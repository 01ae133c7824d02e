import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Mapping } from '../../model/mapping.ts'
import { startWitness, type Witness } from '../../services/index.ts'
import { judge } from './judge.ts'
import { drained } from './live.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

const FOLDER = fileURLToPath(new URL('../cases/', import.meta.url))
const NAMES = readdirSync(FOLDER).sort()

/** A file of a case, and its addition for one product where there is one. */
const read = (name: string, file: string, product: Product): string[] => {
  const [base, end] = file.split('.') as [string, string]
  return [file, `${base}.${product}.${end}`]
    .map((one) => `${FOLDER}${name}/${one}`)
    .filter(existsSync)
    .map((path) => readFileSync(path, 'utf8'))
}

/** The entries under `tables` of a case; all cases of a product are one project. */
const tablesOf = (name: string, product: Product, database: string): unknown[] =>
  read(name, 'mapping.yaml', product).flatMap(
    (text) =>
      (parse(text.replaceAll('$db', database), { schema: 'core' }) as { tables: unknown[] }).tables,
  )

const fromOf = (entry: unknown): string =>
  typeof entry === 'string' ? entry : (entry as { from: string }).from

/** Each script in a session of its own: what it sets concerns no other. */
async function run(sandbox: Sandbox, file: string): Promise<void> {
  for (const name of NAMES) {
    const session = await sandbox.open()
    for (const sql of read(name, file, sandbox.product))
      await session.query(sql).catch((error: unknown) => {
        throw new Error(`${name}/${file}: ${String(error)}`)
      })
    await session.end()
  }
}

async function migrate(sandbox: Sandbox): Promise<{ answer: unknown; result: unknown }> {
  await Promise.all([run(sandbox, 'create.sql'), sandbox.worker()])
  const tables = NAMES.flatMap((name) => tablesOf(name, sandbox.product, sandbox.name))
  await sandbox.start(
    stringify({ tables, verify: { correct: 'never' }, limits: { tablesInParallel: 16 } }),
  )
  await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), { seconds: 240 })
  await run(sandbox, 'changes.sql')
  await drained(sandbox)
  const answer = await sandbox.update('switchOver', { writersStopped: true })
  return { answer, result: (await sandbox.outcome()).result }
}

interface Migrated {
  readonly sandbox: Sandbox
  readonly answer: unknown
  readonly result: unknown
}

const PRODUCTS: readonly Product[] = ['mysql', 'mariadb']
const open: Sandbox[] = []
let witness: Witness
let migrated: Record<Product, Migrated | Error>

/** Both products at once: most of the time somebody waits for somebody. */
async function migrateOn(product: Product): Promise<Migrated | Error> {
  try {
    const sandbox = await openSandbox(product)
    open.push(sandbox)
    return { sandbox, ...(await migrate(sandbox)) }
  } catch (error) {
    return error as Error
  }
}

beforeAll(async () => {
  witness = await startWitness({ address: inject('hbase') }, () => undefined)
  const [mysql, mariadb] = await Promise.all([migrateOn('mysql'), migrateOn('mariadb')])
  migrated = { mysql, mariadb }
}, 400_000)
afterAll(async () => {
  await witness.close()
  for (const sandbox of open) await sandbox.close()
})

const on = (product: Product): Migrated => {
  const outcome = migrated[product]
  if (outcome instanceof Error) throw outcome
  return outcome
}

const mappingsOf = (name: string, sandbox: Sandbox): readonly Mapping[] => {
  const own = tablesOf(name, sandbox.product, sandbox.name).map(fromOf)
  const mappings = sandbox.mappings().filter(({ anchor }) => own.includes(anchor))
  expect(mappings).toHaveLength(own.length)
  return mappings
}

describe.each(PRODUCTS)('on %s', (product) => {
  test('all cases go through as one project, with a clean certificate', async () => {
    expect(on(product)).toMatchObject({
      answer: { switched: true, because: null },
      result: { switched: true, certificate: { clean: true, deadLetters: 0 } },
    })
    expect(await on(product).sandbox.leftovers()).toEqual([])
  })

  test.each(NAMES)('%s: HBase has exactly what the source has', async (name) => {
    const { sandbox } = on(product)
    for (const mapping of mappingsOf(name, sandbox)) {
      const { differences } = await judge(witness, sandbox.admin, mapping)
      expect({ [mapping.anchor]: differences }).toEqual({ [mapping.anchor]: [] })
    }
  })
})

test('the judge sees a row that is missing, one too many, a cell too many and one that differs', async () => {
  const { sandbox } = on('mysql')
  const [mapping] = mappingsOf('nulls-and-empties', sandbox)
  if (mapping === undefined) throw new Error('the case has no table')
  const hex = (text: string): string => Buffer.from(text).toString('hex')
  const cell = (row: string, qualifier: string, value: string) => ({
    row: hex(row),
    family: hex('blanks'),
    qualifier: hex(qualifier),
    timestamp: Date.now(),
    value: hex(value),
  })
  await witness.deleteRow(mapping.target, hex('1'))
  await witness.put(mapping.target, cell('99', 'id', '99'))
  await witness.put(mapping.target, cell('2', 't', ''))
  await witness.put(mapping.target, cell('3', 'n', '7'))
  const { differences } = await judge(witness, sandbox.admin, mapping)
  expect([...differences].sort()).toEqual([
    '"1" : the row is missing',
    '"2" blanks:t: the cell is extra',
    '"3" blanks:n: 7 is not 0',
    '"99" : the row is extra',
  ])
})
