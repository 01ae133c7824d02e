import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Certificate } from '../../model/project.ts'
import { startWitness, type Witness } from '../../services/index.ts'
import { ROOT } from '../docs/markdown.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

const ROWS = 200

describe.each<Product>(['mysql', 'mariadb'])('longhaul certificate --check, on %s,', (product) => {
  let sandbox: Sandbox
  let witness: Witness
  let issued: Certificate
  const target = () => `${sandbox.name}:goods`
  const file = (name: string) => join(sandbox.folder, name)
  beforeAll(async () => {
    sandbox = await openSandbox(product)
    witness = await startWitness({ address: inject('hbase') }, () => undefined)
    await sandbox.admin.query(
      `create table goods (id int primary key, name varchar(20));
       insert into goods with recursive n (i) as (select 1 union all select i + 1 from n where i < ${ROWS})
         select i, concat('name ', i) from n`,
    )
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    writeFileSync(file('signing.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
    writeFileSync(file('public.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
    const other = generateKeyPairSync('ed25519').publicKey
    writeFileSync(file('other.pem'), other.export({ type: 'spki', format: 'pem' }))
    const written = JSON.parse(readFileSync(file('connections.yaml'), 'utf8')) as object
    const certificate = { signingKey: '${file:signing.pem}' }
    writeFileSync(file('connections.yaml'), JSON.stringify({ ...written, certificate }))
    await sandbox.worker()
    await sandbox.start('tables: [$db.goods]\nverify: { correct: never }', { to: 'verify' })
    const { result } = await sandbox.outcome()
    issued = (result as { certificate: Certificate }).certificate
    writeFileSync(file('shop.json'), JSON.stringify(issued))
  }, 400_000)
  afterAll(async () => {
    await witness.close()
    await sandbox.close()
  })

  /** The command as users run it. Temporal's address is one where nothing answers. */
  const check = async (name = 'shop.json', ...options: string[]) => {
    const args = ['bootstrap.mjs', 'cli/main.ts', 'certificate', '--address', '127.0.0.1:1']
    try {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [...args, '--connections', file('connections.yaml'), '--check', file(name), ...options],
        {
          cwd: ROOT,
          env: { ...process.env, SANDBOX_PASSWORD: sandbox.account.password },
        },
      )
      return { code: 0, said: stdout }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, said: stdout + stderr }
    }
  }

  test('agrees with both sides, link by link, without Temporal, after the project ended', async () => {
    expect(issued).toMatchObject({ clean: true, signature: { algorithm: 'Ed25519' } })
    const { code, said } = await check('shop.json', '--public-key', file('public.pem'))
    expect(said).toContain(`goods: 16 of 16 links agree on both sides; ${ROWS} rows are equal now`)
    expect(said).toContain('It is signed (Ed25519) with your key')
    expect(code).toBe(0)
  })

  test('refuses one that was changed, and one signed with another key', async () => {
    const changed = {
      ...issued,
      tables: issued.tables.map((table) => ({ ...table, rows: table.rows + 1 })),
    }
    writeFileSync(file('changed.json'), JSON.stringify(changed))
    expect(await check('changed.json')).toMatchObject({
      code: 1,
      said: expect.stringContaining('changed after it was issued') as string,
    })
    expect(await check('shop.json', '--public-key', file('other.pem'))).toMatchObject({
      code: 1,
      said: expect.stringContaining('signed with another key') as string,
    })
  })

  test('tells rows that changed since on both sides from rows that differ', async () => {
    const now = Date.now() + 60_000
    const name = { family: hex('goods'), qualifier: hex('name'), timestamp: now }
    await sandbox.admin.query(`update goods set name = 'new' where id = 7`)
    await witness.put(target(), { ...name, row: hex('7'), value: hex('new') })
    const changed = await check()
    expect(changed.said).toContain('goods: 15 of 16 links agree')
    expect(changed.said).toMatch(/link \d+: changed since, and equal on both sides now/)
    expect(changed.code).toBe(0)

    await witness.put(target(), { ...name, row: hex('8'), value: hex('new') })
    await witness.deleteRow(target(), hex('9'), now)
    await witness.put(target(), { ...name, row: hex('999'), value: hex('nobody') })
    const { code, said } = await check('shop.json', '--json')
    const [goods] = (JSON.parse(said) as { tables: { links: Record<string, number>[] }[] }).tables
    const sum = (kind: string): number =>
      goods?.links.reduce((all, link) => all + (link[kind] ?? 0), 0) ?? 0
    expect(['missing', 'different', 'extra', 'since', 'unstable'].map(sum)).toEqual([1, 1, 1, 2, 0])
    expect(code).toBe(4)
  })
})

const hex = (text: string): string => Buffer.from(text).toString('hex')
