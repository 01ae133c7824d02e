import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSandbox, type Product, type Sandbox } from '../e2e/sandbox.ts'
import { connectAlso, traces } from './ground.ts'

const ON_TABLE = ['SELECT', 'TRIGGER', 'LOCK TABLES']
const ON_SCHEMA = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'CREATE VIEW']

describe.each<Product>(['mysql', 'mariadb'])('on %s', (product) => {
  let sandbox: Sandbox
  let poor: string

  beforeAll(async () => {
    sandbox = await openSandbox(product)
    poor = `${sandbox.name}p`
    const { admin } = sandbox
    await admin.query('create table goods (id int primary key, price int)')
    await admin.query(`create user ?@'%' identified by 'enough'`, [poor])
    await admin.query(`grant ${ON_TABLE.join(', ')} on \`${sandbox.name}\`.* to ?@'%'`, [poor])
    await admin.query(`grant ${ON_SCHEMA.join(', ')} on \`${sandbox.schema}\`.* to ?@'%'`, [poor])
    connectAlso(sandbox, { sources: { poor: { user: poor, password: 'enough' } } })
    await sandbox.worker()
  })
  afterAll(async () => {
    await sandbox.admin.query(`drop user ?@'%'`, [poor])
    await sandbox.close()
  })

  const startPoor = async (project: string): Promise<string | undefined> => {
    const yaml = 'tables: [{ from: $db.goods, source: poor }]'
    await sandbox.start(yaml, { project, to: 'structure' })
    return (await sandbox.outcome(project)).failure
  }

  let projects = 0

  /** The project's failure while the account lacks one privilege. */
  const without = async (privilege: string, database: string): Promise<string | undefined> => {
    await sandbox.admin.query(`revoke ${privilege} on \`${database}\`.* from ?@'%'`, [poor])
    try {
      return await startPoor(`poor-${(projects += 1)}`)
    } finally {
      await sandbox.admin.query(`grant ${privilege} on \`${database}\`.* to ?@'%'`, [poor])
    }
  }

  const missed = (grant: string): string =>
    `PRIVILEGE_MISSING: The account lacks a privilege: ${poor}@%: It lacks a privilege. ` +
    `Run as an administrator: GRANT ${grant} TO \`${poor}\`@\`%\``

  test('SELECT on the tables is missed, with the statement that grants it', async () => {
    const { name } = sandbox
    expect(await without('SELECT', name)).toBe(
      `PRIVILEGE_MISSING: The account lacks a privilege: ${poor}@%: It may not read ${name}.goods. ` +
        `Run as an administrator: GRANT SELECT ON \`${name}\`.\`goods\` TO \`${poor}\`@\`%\``,
    )
    expect(await traces(sandbox)).toEqual([])
  })

  test('TRIGGER on the tables is missed, with the statement that grants it', async () => {
    const { name } = sandbox
    expect(await without('TRIGGER', name)).toBe(missed(`TRIGGER ON \`${name}\`.\`goods\``))
    expect(await traces(sandbox)).toEqual([])
  })

  test('LOCK TABLES is missed, with the statement that grants it for the database', async () => {
    const { name } = sandbox
    expect(await without('LOCK TABLES', name)).toBe(missed(`LOCK TABLES ON \`${name}\`.*`))
    expect(await traces(sandbox)).toEqual([])
  })

  test.each(ON_SCHEMA)(
    '%s on the log is missed, with the statement that grants it',
    async (privilege) => {
      const { schema } = sandbox
      expect(await without(privilege, schema)).toBe(missed(`${privilege} ON \`${schema}\`.*`))
      expect(await traces(sandbox)).toEqual([])
    },
  )

  test('with these privileges and no others it passes', async () => {
    expect(await startPoor('enough')).toBeUndefined()
    expect(await sandbox.leftovers()).toEqual([])
  })
})
