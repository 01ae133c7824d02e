import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSandbox, type Sandbox } from './sandbox.ts'

describe.each(['mysql', 'mariadb'] as const)(
  'longhaul check looks at the servers, %s',
  (product) => {
    let sandbox: Sandbox

    beforeAll(async () => {
      sandbox = await openSandbox(product)
      await sandbox.admin.query(`create table goods (id int primary key, name varchar(20));
      insert into goods values (1, 'one'), (2, 'two'), (3, null);
      create table keyless (a int)`)
    })
    afterAll(() => sandbox.close())

    const check = (tables: string, ...more: string[]) =>
      new Promise<{ exit: number | null; out: string; err: string }>((resolve) => {
        const file = join(sandbox.folder, 'shop.yaml')
        const text = `project: shop\nsource: app\ncluster: main\nnamespace: ${sandbox.name}\ntables: [${tables}]\n`
        writeFileSync(file, text.replaceAll('$db', sandbox.name))
        const env = { ...process.env, SANDBOX_PASSWORD: sandbox.account.password }
        const child = execFile('cli/bin.js', ['check', file, ...more], { env }, (_, out, err) => {
          resolve({ exit: child.exitCode, out, err })
        })
      })
    const connections = (): [string, string] => [
      '--connections',
      join(sandbox.folder, 'connections.yaml'),
    ]

    test('every table with what stands in its way; 6 when something does, and nothing is created', async () => {
      const good = await check('$db.goods', ...connections())
      expect(good).toMatchObject({ exit: 0, err: '' })
      expect(good.out).toMatch(/goods +about \d+ rows +(MySQL|MariaDB) \S+ to HBase \S+\n/)
      expect(good.out).toMatch(/note: .*TRUNCATE runs no trigger/)
      expect(good.out).toMatch(/\nReady to start\.\n$/)

      const bad = await check('$db.goods, $db.keyless, $db.nowhere', ...connections())
      expect(bad.exit).toBe(6)
      expect(bad.out).toMatch(/keyless +cannot be moved .*\n +blocks: .*\[KEY_MISSING\]/)
      expect(bad.out).toMatch(/nowhere +cannot be moved .*\n +blocks: .*\[TABLE_UNKNOWN\]/)
      expect(bad.out).toMatch(/\n2 tables cannot be moved as it is\.\n$/)
      expect(await sandbox.leftovers()).toEqual([])
    })

    test('the cost of the triggers on request, and nothing of it is left', async () => {
      const { exit, out } = await check('$db.goods', ...connections(), '--cost')
      expect(exit).toBe(0)
      expect(out).toMatch(/Microseconds the triggers add/)
      expect(out).toMatch(/goods +[+-]\S+ \(\S+\) +[+-]\S+ \(\S+\) +[+-]\S+ \(\S+\) +with 3 rows\n/)
      const { out: json } = await check('$db.goods', ...connections(), '--cost', '--json')
      expect(JSON.parse(json)).toMatchObject([{ table: 'goods', cost: { rows: 3 } }])
      expect(await sandbox.leftovers()).toEqual([])
      expect(await check('$db.goods', '--cost')).toMatchObject({ exit: 2 })
    })

    test('a login that is refused is one sentence, and no password is in it', async () => {
      sandbox.connect({ source: { password: 'wrong-password-1' } })
      const { exit, out, err } = await check('$db.goods', ...connections())
      sandbox.connect()
      expect(exit).toBe(3)
      expect(err).toMatch(/\[SOURCE_AUTH\]\n$/)
      expect(out + err).not.toContain('wrong-password-1')
    })
  },
)
