import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Source } from '../../../sources/source.ts'
import { openBench, SERVERS, type Bench, damaged } from './server.ts'

describe.each(SERVERS)('check on %s', (server) => {
  let bench: Bench
  const accounts: string[] = []

  beforeAll(async () => {
    bench = await openBench(server)
    await bench.run('CREATE TABLE good (id INT PRIMARY KEY, a INT)')
  })
  afterAll(async () => {
    for (const account of accounts) await bench.run(`DROP USER IF EXISTS ${account}`)
    await bench.close()
  })

  const password = 'check-password-1'

  async function account(name: string, ...grants: string[]): Promise<string> {
    const user = `${name}_${bench.schema.slice(9)}`.slice(0, 32)
    accounts.push(`'${user}'@'%'`)
    await bench.run(`CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`)
    for (const grant of grants) await bench.run(`GRANT ${grant} TO '${user}'@'%'`)
    return user
  }

  /** Code and subject of what is found about a table, without what is said of every table. */
  async function found(name: string, source: Source = bench.source): Promise<string[]> {
    const table = await source.describe(`${bench.database}.${name}`)
    const findings = await source.check([table])
    return findings
      .filter(({ code }) => code !== 'TRUNCATE_UNSEEN')
      .map(
        ({ code, about, blocks }) =>
          `${code} ${about.replace(`${bench.database}.`, '')} ${blocks ? 'blocks' : 'tells'}`,
      )
  }

  test('says of a good table only what no trigger sees, and creates nothing', async () => {
    expect(await found('good')).toEqual([])
    const table = await bench.source.describe(`${bench.database}.good`)
    expect(await bench.source.check([table])).toMatchObject([
      { code: 'TRUNCATE_UNSEEN', about: table.name, blocks: false },
    ])
    expect(await bench.ask(`SHOW DATABASES LIKE '${bench.schema}'`)).toEqual([])
    expect(await bench.ask('SHOW TRIGGERS')).toEqual([])
  })

  test.each([
    ['a table without a key', 'CREATE TABLE x1 (a INT)', ['KEY_MISSING x1 blocks']],
    ['a key of floats', 'CREATE TABLE x2 (a DOUBLE PRIMARY KEY)', ['KEY_UNSUPPORTED x2.a blocks']],
    [
      'a key of an enum and a set',
      "CREATE TABLE x3 (a ENUM('a'), b SET('b'), c INT, PRIMARY KEY (a, b, c))",
      ['KEY_UNSUPPORTED x3.a blocks', 'KEY_UNSUPPORTED x3.b blocks'],
    ],
    [
      'a key that is too long',
      'CREATE TABLE x4 (a VARCHAR(760) PRIMARY KEY)',
      ['KEY_UNSUPPORTED x4 blocks'],
    ],
    [
      'an engine without transactions',
      'CREATE TABLE x5 (id INT PRIMARY KEY) ENGINE=MyISAM',
      ['ENGINE_UNSUPPORTED x5 blocks'],
    ],
    [
      'an engine in memory',
      'CREATE TABLE x6 (id INT PRIMARY KEY) ENGINE=MEMORY',
      ['ENGINE_UNSUPPORTED x6 blocks'],
    ],
    ['a view', 'CREATE VIEW x7 AS SELECT * FROM good', ['TABLE_UNKNOWN x7 blocks']],
  ])('refuses %s', async (_what, create, findings) => {
    await bench.run(create)
    expect(await found(create.split(' ')[2] ?? '')).toEqual(findings)
  })

  if (server === 'mysql')
    test('refuses a type it does not know, by column', async () => {
      await bench.run('CREATE TABLE vec (id INT PRIMARY KEY, v VECTOR(3), w VECTOR(3))')
      expect(await found('vec')).toEqual([
        'TYPE_UNSUPPORTED vec.v blocks',
        'TYPE_UNSUPPORTED vec.w blocks',
      ])
    })

  test('is content with foreign keys that cascade: triggers on their parents follow them', async () => {
    await bench.run(
      'CREATE TABLE parent (id INT PRIMARY KEY)',
      `CREATE TABLE child (id INT PRIMARY KEY, a INT, b INT, c INT, d INT,
        CONSTRAINT fk_a FOREIGN KEY (a) REFERENCES parent (id) ON DELETE CASCADE,
        CONSTRAINT fk_b FOREIGN KEY (b) REFERENCES parent (id) ON UPDATE CASCADE,
        CONSTRAINT fk_c FOREIGN KEY (c) REFERENCES parent (id) ON DELETE SET NULL,
        CONSTRAINT fk_d FOREIGN KEY (d) REFERENCES parent (id))`,
    )
    expect(await found('child')).toEqual([])
    expect(await found('parent')).toEqual([])
  })

  /** Why cascades into a table cannot be followed, by foreign key. */
  async function unfollowed(name: string, source: Source = bench.source): Promise<string[]> {
    const table = await source.describe(`${bench.database}.${name}`)
    const findings = await source.check([table])
    return findings.flatMap(({ code, about, text, blocks }) => {
      const [, key = '', why = ''] = /foreign key (\w+) .* followed: (.*)\. Mend/.exec(text) ?? []
      if (code !== 'CASCADE_UNSEEN') return []
      expect({ about, blocks }).toEqual({ about: table.name, blocks: true })
      return [`${key}: ${why.replaceAll(`${bench.database}.`, '')}`]
    })
  }

  test('refuses a circle of cascades over several tables, by the tables', async () => {
    await bench.run(
      'CREATE TABLE hen (id INT PRIMARY KEY, egg INT)',
      `CREATE TABLE egg (id INT PRIMARY KEY, hen INT,
        CONSTRAINT of_hen FOREIGN KEY (hen) REFERENCES hen (id) ON DELETE CASCADE)`,
      'ALTER TABLE hen ADD CONSTRAINT of_egg FOREIGN KEY (egg) REFERENCES egg (id) ON DELETE CASCADE',
      `CREATE TABLE shell (id INT PRIMARY KEY, egg INT,
        CONSTRAINT on_egg FOREIGN KEY (egg) REFERENCES egg (id) ON DELETE SET NULL)`,
    )
    expect(await unfollowed('hen')).toEqual(['of_egg: it goes round in a circle over hen, egg'])
    expect(await unfollowed('shell')).toEqual([
      'on_egg: it goes round in a circle over shell, egg, hen',
    ])
  })

  test('is content with a circle that comes to rest', async () => {
    await bench.run(
      'CREATE TABLE store (id INT PRIMARY KEY, manager INT)',
      `CREATE TABLE staff (id INT PRIMARY KEY, store INT,
        FOREIGN KEY (store) REFERENCES store (id) ON UPDATE CASCADE)`,
      'ALTER TABLE store ADD FOREIGN KEY (manager) REFERENCES staff (id) ON UPDATE CASCADE',
    )
    expect(await found('store')).toEqual([])
    expect(await found('staff')).toEqual([])
  })

  test('follows eight tables of a chain, and refuses what begins further away', async () => {
    await bench.run('CREATE TABLE l0 (id INT PRIMARY KEY)')
    for (let i = 1; i <= 9; i++)
      await bench.run(`CREATE TABLE l${i} (id INT PRIMARY KEY, up INT,
        CONSTRAINT up${i} FOREIGN KEY (up) REFERENCES l${i - 1} (id) ON DELETE CASCADE)`)
    expect(await unfollowed('l8')).toEqual([])
    expect(await unfollowed('l9')).toEqual(['up9: it begins more than 8 tables away, at l0'])
  })

  test('refuses cascades from a table on which the account may not put a trigger', async () => {
    const other = `${bench.database}_other`
    await bench.run(
      `CREATE DATABASE ${other}`,
      `CREATE TABLE ${other}.p (id INT PRIMARY KEY)`,
      `CREATE TABLE apart (id INT PRIMARY KEY, p INT,
        CONSTRAINT of_p FOREIGN KEY (p) REFERENCES ${other}.p (id) ON DELETE CASCADE)`,
    )
    const user = await account('apart', `ALL ON ${bench.database}.*`, `ALL ON ${bench.schema}.*`)
    const source = await bench.open({ user, password })
    const grant = `the account may not put a trigger on ${other}.p; run as an administrator: GRANT`
    expect(await unfollowed('apart', source)).toEqual([
      `of_p: ${grant} SELECT, TRIGGER ON \`${other}\`.\`p\``,
    ])
    await bench.run(`GRANT SELECT, TRIGGER ON ${other}.* TO '${user}'@'%'`)
    expect(await unfollowed('apart', source)).toEqual([])
    const capture = source.capture('apart')
    await capture.install([await source.describe(`${bench.database}.apart`)])
    await bench.run(`INSERT INTO ${other}.p VALUES (1)`, 'INSERT INTO apart VALUES (5, 1)')
    await bench.run(`DELETE FROM ${other}.p`)
    expect((await capture.read(10)).map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'insert 5',
      'delete 5',
    ])
    expect(await capture.remove()).toEqual([])
    await bench.run('DROP TABLE apart', `DROP DATABASE ${other}`)
  })

  test('names every privilege the account lacks, with the statement that grants it', async () => {
    const user = await account('bare', `SELECT ON ${bench.database}.good`)
    const source = await bench.open({ user, password })
    const table = await source.describe(`${bench.database}.good`)
    const texts = (await source.check([table]))
      .filter(({ code }) => code === 'PRIVILEGE_MISSING')
      .map(({ text }) => text.replace(/^.*GRANT /, ''))
    const to = `TO \`${user}\`@\`%\``
    expect(texts).toEqual([
      `TRIGGER ON \`${bench.database}\`.\`good\` ${to}`,
      `LOCK TABLES ON \`${bench.database}\`.* ${to}`,
      ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'CREATE VIEW'].map(
        (privilege) => `${privilege} ON \`${bench.schema}\`.* ${to}`,
      ),
    ])
  })

  test('T40 is content with an account that has what it asked for, and that account is enough', async () => {
    const user = await account(
      'least',
      `SELECT, TRIGGER, LOCK TABLES ON ${bench.database}.*`,
      `SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, CREATE VIEW ON \`${bench.schema.replaceAll('_', '\\_')}\`.*`,
    )
    const source = await bench.open({ user, password })
    const table = await source.describe(`${bench.database}.good`)
    expect(await found('good', source)).toEqual([])
    const capture = source.capture('least')
    await capture.install([table])
    await bench.run('INSERT INTO good VALUES (1, 1)')
    expect(await capture.read(10)).toHaveLength(1)
    await capture.barrier([table])
    await capture.compact(await capture.token('x'), 10)
    expect(await damaged(capture)).toEqual([])
    expect(await capture.remove()).toEqual([])
  })

  test('counts what a role in use grants', async () => {
    const role = `role_${bench.schema.slice(9)}`
    accounts.push(role)
    await bench.run(
      `CREATE ROLE ${role}`,
      `GRANT ALL ON ${bench.database}.* TO ${role}`,
      `GRANT ALL ON ${bench.schema}.* TO ${role}`,
    )
    const user = await account('roled', role)
    await bench.run(`SET DEFAULT ROLE ${role} ${server === 'mysql' ? 'TO' : 'FOR'} '${user}'@'%'`)
    const source = await bench.open({ user, password })
    expect((await found('good', source)).filter((text) => text.startsWith('PRIVILEGE'))).toEqual([])
  })

  test('T40 names a definer that does not exist or may not write the log', async () => {
    const nobody = await bench.open({ definer: 'nobody@%' })
    expect(await found('good', nobody)).toEqual(['DEFINER_MISSING nobody@% blocks'])
    const user = await account('definer', `SELECT, TRIGGER ON ${bench.database}.*`)
    const weak = await bench.open({ definer: `${user}@%` })
    expect(await found('good', weak)).toEqual([`PRIVILEGE_MISSING ${user}@% blocks`])
    await bench.run(`GRANT INSERT ON ${bench.schema}.* TO '${user}'@'%'`)
    expect(await found('good', weak)).toEqual([])
  })

  test('T40 names what a definer lacks on a table whose cascades it is to follow', async () => {
    await bench.run(
      'CREATE TABLE above (id INT PRIMARY KEY)',
      `CREATE TABLE below (id INT PRIMARY KEY, a INT,
        FOREIGN KEY (a) REFERENCES above (id) ON DELETE CASCADE)`,
    )
    const definer = await account(
      'looker',
      `SELECT, TRIGGER ON ${bench.database}.below`,
      `INSERT ON ${bench.schema}.*`,
    )
    const source = await bench.open({ definer: `${definer}@%` })
    const lacking = `PRIVILEGE_MISSING ${definer}@% blocks`
    expect(await found('below', source)).toEqual([lacking, lacking])
    await bench.run(`GRANT SELECT, TRIGGER ON ${bench.database}.above TO '${definer}'@'%'`)
    expect(await found('below', source)).toEqual([])
    const capture = source.capture('looker')
    await capture.install([await source.describe(`${bench.database}.below`)])
    await bench.run('INSERT INTO above VALUES (1)', 'INSERT INTO below VALUES (5, 1)')
    await bench.run('DELETE FROM above')
    expect((await capture.read(10)).map(({ key }) => key)).toEqual(['5', '5'])
    expect(await capture.remove()).toEqual([])
  })

  test('T40 lets triggers run as a locked account, and the application needs no right on the log', async () => {
    const definer = await account(
      'owner',
      `SELECT, TRIGGER ON ${bench.database}.*`,
      `INSERT ON ${bench.schema}.*`,
    )
    await bench.run(`ALTER USER '${definer}'@'%' ACCOUNT LOCK`)
    const user = await account('writer', `SELECT, INSERT, UPDATE ON ${bench.database}.*`)
    const source = await bench.open({ definer: `${definer}@%` })
    const table = await source.describe(`${bench.database}.good`)
    const capture = source.capture('definer')
    await capture.install([table])
    const [host = '', port = ''] = bench.address.split(':')
    const writer = await createConnection({
      host,
      port: Number(port),
      user,
      password,
      database: bench.database,
    })
    await writer.query('INSERT INTO good VALUES (40, 1)')
    await writer.end()
    expect((await capture.read(10)).map(({ key }) => key)).toEqual(['40'])
    expect(await capture.remove()).toEqual([])
  })
})
