import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parse, stringify } from 'yaml'
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
  await sandbox.start(stringify({ tables, verify: { correct: 'never' } }))
  await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), { seconds: 180 })
  await run(sandbox, 'changes.sql')
  await drained(sandbox)
  const answer = await sandbox.update('switchOver', { writersStopped: true })
  return { answer, result: (await sandbox.outcome()).result }
}

describe.each<Product>(['mysql', 'mariadb'])('on %s', (product) => {
  let sandbox: Sandbox
  let witness: Witness
  let outcome: { answer: unknown; result: unknown }

  beforeAll(async () => {
    ;[sandbox, witness] = await Promise.all([
      openSandbox(product),
      startWitness({ address: inject('hbase') }, () => undefined),
    ])
    outcome = await migrate(sandbox)
  }, 300_000)
  afterAll(async () => {
    await witness.close()
    await sandbox.close()
  })

  test('all cases go through as one project, with a clean certificate', async () => {
    expect(outcome).toMatchObject({
      answer: { switched: true, because: null },
      result: { switched: true, certificate: { clean: true, deadLetters: 0 } },
    })
    expect(await sandbox.leftovers()).toEqual([])
  })

  test.each(NAMES)('%s: HBase has exactly what the source has', async (name) => {
    const own = tablesOf(name, product, sandbox.name).map(fromOf)
    const mappings = sandbox.mappings().filter(({ anchor }) => own.includes(anchor))
    expect(mappings).toHaveLength(own.length)
    for (const mapping of mappings) {
      const { differences } = await judge(witness, sandbox.admin, mapping)
      expect({ [mapping.anchor]: differences }).toEqual({ [mapping.anchor]: [] })
    }
  })
})
