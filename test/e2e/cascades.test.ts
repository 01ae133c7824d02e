import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { startWitness, type Witness } from '../../services/index.ts'
import { judge } from './judge.ts'
import { drained } from './live.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

const TABLES = `
  create table country (id int primary key, name varchar(20));
  create table city (id int primary key, country int, name varchar(20),
    foreign key (country) references country (id) on update cascade on delete cascade);
  create table address (id int primary key, city int, street varchar(20),
    foreign key (city) references city (id) on update cascade on delete set null);
  create table visit (city int, day date, note varchar(20), primary key (city, day),
    foreign key (city) references city (id) on update cascade on delete cascade);
  insert into country values (1, 'one'), (2, 'two'), (3, 'three');
  insert into city values (10, 1, 'a'), (11, 1, 'b'), (20, 2, 'c'), (30, 3, 'd');
  insert into address values (1, 10, 's'), (2, 11, 't'), (3, 20, 'u'), (4, 30, 'v'), (5, null, 'w');
  insert into visit values (10, '2024-01-01', 'x'), (20, '2024-01-01', 'y'), (30, '2024-01-01', 'z')`

/** Nothing but parents is named; all else is done by foreign keys. */
const CHANGES = [
  'update city set id = 99 where id = 10',
  'delete from country where id = 2',
  'update country set id = 7 where id = 1',
  'delete from city where id = 30',
]

describe.each<Product>(['mysql', 'mariadb'])('on %s', (product) => {
  let sandbox: Sandbox
  let witness: Witness

  beforeAll(async () => {
    sandbox = await openSandbox(product)
    witness = await startWitness({ address: inject('hbase') }, () => undefined)
    await sandbox.admin.query(TABLES)
    await sandbox.admin.query(`grant process on *.* to '${sandbox.account.user}'@'%'`)
    await sandbox.worker()
  })
  afterAll(async () => {
    await witness.close()
    await sandbox.close()
  })

  test('what foreign keys do while tables are migrated arrives, is verified, and switches', async () => {
    // `country` is not migrated, and yet what is deleted there takes rows along
    await sandbox.start('tables: [$db.city, $db.address, $db.visit]\nverify: { correct: never }')
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
    for (const change of CHANGES) await sandbox.admin.query(change)
    await drained(sandbox)
    const answer = await sandbox.update('switchOver', { writersStopped: true })
    expect(answer).toMatchObject({ switched: true, because: null })
    expect((await sandbox.outcome()).result).toMatchObject({
      switched: true,
      certificate: { clean: true, deadLetters: 0 },
    })
    for (const mapping of sandbox.mappings()) {
      const { rows, differences } = await judge(witness, sandbox.admin, mapping)
      expect({ [mapping.name]: differences }).toEqual({ [mapping.name]: [] })
      expect(rows).toBe({ city: 2, address: 5, visit: 1 }[mapping.name])
    }
    expect(await sandbox.leftovers()).toEqual([])
  })

  test('T38 a TRUNCATE refuses the switchover by the table', async () => {
    await sandbox.admin.query(
      'create table goods (id int primary key); insert into goods values (1)',
    )
    await sandbox.start('tables: [$db.goods]', { project: 'goods' })
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), {
      project: 'goods',
    })
    await sandbox.admin.query('truncate goods')
    const answer = await sandbox.update('switchOver', { writersStopped: true }, 'goods')
    expect(answer).toMatchObject({
      switched: false,
      because: `changes may have gone by unlogged: ${sandbox.name}.goods (TRUNCATE, or a partition); reload these tables`,
    })
    await sandbox.update('release', {}, 'goods')
    await sandbox.outcome('goods')
  })
})
