import type { Connection as Database } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, fill, logged, stoodStill } from './live.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'
import type { WorkerProcess } from './worker-process.ts'

/**
 * A release takes out triggers, then what our tables know of the project, then the tables. An open transaction of
 * somebody else makes it stand still in the middle of each, which is where its worker is killed.
 */
describe.each<Product>(['mysql', 'mariadb'])('a release whose worker is killed: %s', (product) => {
  let sandbox: Sandbox
  let worker: WorkerProcess
  let holder: Database
  beforeAll(async () => {
    sandbox = await openSandbox(product)
    for (const table of ['colour', 'goods']) await fill(sandbox, table, 100)
    worker = await sandbox.worker()
    await sandbox.start('tables: [$db.colour, $db.goods]')
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
    await sandbox.update('pause', {})
    await stoodStill(sandbox)
    await sandbox.admin.query('update colour set n = -1; update goods set n = -1')
    expect(await logged(sandbox)).toBe(200)
  })
  afterAll(() => sandbox.close())

  const hold = async (statement: string): Promise<Database> => {
    const database = await sandbox.open()
    await database.query(`begin; ${statement}`)
    return database
  }
  const ours = (table: string): string => `\`${sandbox.schema}\`.longhaul_${table}`
  const count = async (from: string): Promise<number> => {
    const [rows] = await sandbox.admin.query(`select count(*) as count from ${from}`)
    return Number((rows as { count: number }[])[0]?.count)
  }
  const triggersOn = (table: string): Promise<number> =>
    count(
      `information_schema.triggers where event_object_schema = '${sandbox.name}' and event_object_table = '${table}'`,
    )
  /** Kills the worker as soon as the release has come so far, and lets the next one begin only then. */
  const killedOnce = async (here: () => Promise<boolean>): Promise<void> => {
    await eventually(async () => ((await here()) ? true : undefined), 'the release came so far')
    await worker.kill('SIGKILL')
    // The application goes on at every moment: a trigger without its log would fail it
    await sandbox.admin.query('update goods set n = n + 1 where id = 1')
    expect(await here()).toBe(true)
  }
  /** Lets go of what the release stood still at, once the next thing is held. */
  const goOn = async (next?: Database): Promise<void> => {
    await holder.query('rollback')
    if (next !== undefined) holder = next
    worker = await sandbox.worker()
  }

  test('between the triggers of two tables', async () => {
    holder = await hold('select * from goods limit 1')
    await sandbox.update('release', {})
    await killedOnce(
      async () => (await triggersOn('colour')) === 0 && (await triggersOn('goods')) > 0,
    )
  })

  test('between what the log and what the catalog know of it', async () => {
    await goOn(await hold(`select * from ${ours('source')} for update`))
    await killedOnce(async () => (await triggersOn('goods')) === 0 && (await logged(sandbox)) === 0)
    expect(await count(ours('source'))).toBe(2)
  })

  test('between the tables it drops last', async () => {
    await goOn(await hold(`select * from ${ours('unit')} limit 1`))
    await killedOnce(async () => (await sandbox.leftovers()).length === 1)
    expect(await sandbox.leftovers()).toEqual([`table ${sandbox.schema}.longhaul_unit`])
  })

  test('is ended by the next worker, and leaves nothing', async () => {
    await goOn()
    expect((await sandbox.outcome()).result).toMatchObject({ switched: false })
    expect(await sandbox.leftovers()).toEqual([])
    expect(await count(`information_schema.schemata where schema_name = '${sandbox.schema}'`)).toBe(
      0,
    )
  })
})
