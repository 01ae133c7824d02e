import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Certificate } from '../../model/project.ts'
import { openSandbox, type Sandbox } from '../e2e/sandbox.ts'
import { blocks, read, ROOT, type Block } from './markdown.ts'

const README = blocks(read('README.md'))

/** The block of this language that holds this text. */
function block(language: string, having: string): string {
  const found = README.filter(
    (one: Block) => one.language === language && one.code.includes(having),
  )
  expect(found).toHaveLength(1)
  return found[0]?.code ?? ''
}

let sandbox: Sandbox
const program = join(ROOT, `readme-program-${process.pid}.mjs`)
beforeAll(async () => {
  sandbox = await openSandbox('mysql')
})
afterAll(async () => {
  rmSync(program, { force: true })
  const { admin, name } = sandbox
  await admin.query(`drop user if exists '${name}_readme'@'%'`)
  await sandbox.close()
})

test('the program runs, with the files and the privileges README.md names and no others', async () => {
  const { admin, name, schema, folder, namespace } = sandbox
  const password = 'a password'
  const user = `${name}_readme`
  await admin.query(
    `create table customer (id int primary key, name varchar(80));
     create table order_line (order_no bigint, line smallint, note text, primary key (order_no, line));
     insert into customer values (1, 'Ada'), (2, null); insert into order_line values (1, 1, '')`,
  )
  await admin.query(
    block('sql', 'GRANT')
      .replaceAll("'longhaul'", `'${user}'`)
      .replaceAll('ON shop.', `ON ${name}.`)
      .replaceAll('ON longhaul.', `ON ${schema}.`),
  )
  const { host, port } = inject('mysql')
  writeFileSync(
    join(folder, 'connections.yaml'),
    block('yaml', 'sources:')
      .replace('127.0.0.1:3306', `${host}:${port}`)
      .replace('127.0.0.1:16000', inject('hbase'))
      .replace('user: longhaul', `user: ${user}, schema: ${schema}`),
  )
  writeFileSync(
    join(folder, 'shop.yaml'),
    block('yaml', 'project: shop')
      .replace('namespace: shop', `namespace: ${name}`)
      .replaceAll('shop.', `${name}.`),
  )
  process.env['SHOP_PASSWORD'] = password
  await sandbox.worker()

  writeFileSync(program, block('js', 'migrateProject'))
  const { stdout } = await promisify(execFile)(process.execPath, [program], {
    env: { ...process.env, TEMPORAL_ADDRESS: inject('temporal'), TEMPORAL_NAMESPACE: namespace },
    timeout: 90_000,
  })
  const certificate = JSON.parse(stdout) as Certificate
  expect(certificate).toMatchObject({
    project: 'shop',
    clean: true,
    deadLetters: 0,
    tables: [
      { name: 'customer', rows: 2, cells: 3 },
      { name: 'order_line', rows: 1, cells: 3 },
    ],
  })
  expect(await sandbox.leftovers()).toEqual([])
}, 120_000)
