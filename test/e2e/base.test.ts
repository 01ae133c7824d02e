import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

describe.each<Product>(['mysql', 'mariadb'])('on %s', (product) => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await openSandbox(product)
  })
  afterAll(() => sandbox.close())

  test('goes through all five stages and leaves nothing in the source', async () => {
    await sandbox.admin.query(
      `create table goods (id int primary key, name varchar(20));
       insert into goods values (1, 'one'), (2, null), (3, '')`,
    )
    await sandbox.worker()
    await sandbox.start('tables: [$db.goods]')
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
    await sandbox.admin.query(`update goods set name = 'two' where id = 2`)
    const answer = await sandbox.update('switchOver', { writersStopped: true })
    expect(answer).toMatchObject({ switched: true, because: null })
    const { result } = await sandbox.outcome()
    expect(result).toMatchObject({
      switched: true,
      certificate: { clean: true, deadLetters: 0, tables: [{ name: 'goods', rows: 3, cells: 6 }] },
    })
    expect(await sandbox.leftovers()).toEqual([])
  })
})
