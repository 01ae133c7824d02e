import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { RowDataPacket } from 'mysql2/promise'
import { openSandbox, type Sandbox } from '../e2e/sandbox.ts'
import { connectAlso, withHBase } from './ground.ts'

/** More than HBase takes as it ships: 10 MB. */
const TOO_LARGE = 11 * 1024 * 1024

const POLL = { timeout: 20_000, interval: 200 }

describe('a bad row', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = await openSandbox('mysql')
    await sandbox.admin.query(`
      create table doc (id int primary key, body mediumblob);
      insert into doc values (1, 'one'), (2, repeat('x', 3000)), (3, 'three');
      create table big (id int primary key, body longblob);
      insert into big values (1, 'one'), (2, repeat('x', ${TOO_LARGE})), (3, 'three');
      create table goods (id int primary key, price int);
      insert into goods values (1, 10), (2, 20)`)
    connectAlso(sandbox, {
      clusters: {
        small: { endpoints: [hbase()], maxCellBytes: 2048 },
        trusting: { endpoints: [hbase()], maxCellBytes: 64 * 1024 * 1024 },
      },
    })
    await sandbox.worker()
  })
  afterAll(() => sandbox.close())

  const hbase = (): string => inject('hbase')

  const start = async (project: string, table: string): Promise<void> => {
    await sandbox.start(`${table}\nverify: { correct: never }`, { project })
    await inSwitch(project)
  }
  const inSwitch = (project: string): Promise<true> =>
    sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), { project })

  const switchOver = (project: string): Promise<unknown> =>
    sandbox.update('switchOver', { writersStopped: true }, project)

  const verifyAgain = async (project: string): Promise<void> => {
    const { certificate } = await sandbox.status(project)
    await sandbox.update('verify', {}, project)
    await sandbox.until(
      (now) =>
        now.phase === 'switch' && now.certificate?.issuedAt !== certificate?.issuedAt
          ? true
          : undefined,
      { project },
    )
  }

  const deadLetters = async (): Promise<string[]> => {
    const [rows] = await sandbox.admin.query<RowDataPacket[]>(
      `select concat(substring_index(table_name, '.', -1), ' ', key_field, ': ', reason) as what
       from ${sandbox.schema}.longhaul_dead join ${sandbox.schema}.longhaul_source using (source_id)
       order by key_field`,
    )
    return rows.map(({ what }) => String(what))
  }

  const keysIn = (table: string): Promise<string[]> =>
    withHBase(async (client) => {
      const keys: string[] = []
      for await (const page of client.scan(`${sandbox.name}:${table}`))
        keys.push(...page.map(({ row }) => Buffer.from(row).toString()))
      return keys
    })

  const nothingLeft = async (project: string): Promise<void> => {
    expect(await sandbox.outcome(project)).toMatchObject({ result: { switched: true } })
    expect(await sandbox.leftovers()).toEqual([])
  }

  /** Where the server was asked; another time it is another region. */
  const WHERE = / region [0-9a-f]{32}, server [\w.:]+,/
  const REFUSED = { switched: false, because: '1 row could not be written (dead letters)' }
  const SWITCHED = { switched: true, because: null }

  test.each([
    {
      what: 'that the options say is too large',
      table: 'doc',
      cluster: 'small',
      reason: 'doc 2: doc:body needs 3032 bytes, more than 2048',
    },
    {
      what: 'that the server refuses',
      table: 'big',
      cluster: 'trusting',
      reason:
        'big 2: The cell is larger than the cluster accepts: table $db:big, org.apache.hadoop.hbase.DoNotRetryIOException',
    },
  ])('a cell $what leaves the others alone', async ({ table, cluster, reason }) => {
    await start(table, `tables: [{ from: $db.${table}, cluster: ${cluster} }]`)
    const [letter, ...others] = await deadLetters()
    expect(letter?.replace(WHERE, '')).toBe(reason.replace('$db', sandbox.name))
    expect(others).toEqual([])
    expect(await keysIn(table)).toEqual(['1', '3'])
    expect(await switchOver(table)).toMatchObject(REFUSED)

    await sandbox.admin.query(`update ${table} set body = 'short now' where id = 2`)
    await verifyAgain(table)
    expect(await deadLetters()).toEqual([])
    expect(await switchOver(table)).toMatchObject(SWITCHED)
    expect(await keysIn(table)).toEqual(['1', '2', '3'])
    await nothingLeft(table)
  })

  test('a row that grows too large while it is kept in step stops neither its table nor others', async () => {
    await sandbox.admin.query(`
      create table grow (id int primary key, body mediumblob);
      insert into grow values (1, 'one'), (2, 'two');
      create table other (id int primary key);
      insert into other values (1)`)
    await start('grow', 'tables: [{ from: $db.grow, cluster: small }, $db.other]')
    await sandbox.admin.query(`
      update grow set body = repeat('x', 3000) where id = 1;
      insert into grow values (3, 'three');
      delete from grow where id = 2;
      insert into other values (2)`)
    const reason = 'grow 1: grow:body needs 3033 bytes, more than 2048'
    await expect.poll(deadLetters, POLL).toEqual([reason])
    await expect.poll(() => keysIn('grow'), POLL).toEqual(['1', '3'])
    await expect.poll(() => keysIn('other'), POLL).toEqual(['1', '2'])
    expect(await switchOver('grow')).toMatchObject(REFUSED)

    // Its next change that fits is written, and is no dead letter any more
    await sandbox.admin.query(`update grow set body = 'short now' where id = 1`)
    await verifyAgain('grow')
    expect(await deadLetters()).toEqual([])
    expect(await switchOver('grow')).toMatchObject(SWITCHED)
    await nothingLeft('grow')
  })

  test('a key in the log that cannot be read stops nothing', async () => {
    await start('goods', 'tables: [$db.goods]')
    await sandbox.admin.query(
      `insert into ${sandbox.schema}.longhaul_log (source_id, type_field, key_field, time_field)
       select source_id, 'U', k, utc_timestamp(6) from ${sandbox.schema}.longhaul_source,
         (select 'what|is|this' as k union all select x'ff00') as garbage;
       insert into goods values (3, 30)`,
    )
    await expect
      .poll(deadLetters, POLL)
      .toEqual([
        'goods what|is|this: The key in the log table has other columns',
        'goods ~xff00: The key in the log table cannot be read',
      ])
    await expect.poll(() => keysIn('goods'), POLL).toEqual(['1', '2', '3'])
    expect(await switchOver('goods')).toMatchObject({
      switched: false,
      because: '2 rows could not be written (dead letters)',
    })
    await sandbox.admin.query(`delete from ${sandbox.schema}.longhaul_dead`)
    await verifyAgain('goods')
    expect(await switchOver('goods')).toMatchObject(SWITCHED)
    await nothingLeft('goods')
  })
})
