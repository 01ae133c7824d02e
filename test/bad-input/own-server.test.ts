import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { startServices, type RunningService } from '../../services/index.ts'
import { recall, remember } from '../../services/state.ts'
import { mysql } from '../../sources/mysql/index.ts'
import { openSandbox, type Addresses, type Sandbox } from '../e2e/sandbox.ts'
import { connectAlso, traces } from './ground.ts'

/** What these tests do to a MySQL, no other test may see: it is one of their own. */
let folder: string
let server: RunningService
let sandbox: Sandbox

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'longhaul-own-'))
  vi.stubEnv('LONGHAUL_MYSQL', '')
  server = await startSmall()
  const { host, port, user = '', password = '' } = server
  const addresses: Addresses = {
    temporal: inject('temporal'),
    hbase: inject('hbase'),
    database: { host, port, user, password },
  }
  sandbox = await openSandbox('mysql', addresses)
  connectAlso(sandbox, {}, addresses)
  await sandbox.admin.query(`
    create table goods (id int primary key auto_increment, name varchar(20));
    insert into goods (name) values ('one'), ('two')`)
  await sandbox.worker()
}, 180_000)

afterAll(async () => {
  await sandbox.close()
  await server.stop()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** Its shared tablespace may grow to 13 MB; files of single tables may grow as they like. */
async function startSmall(): Promise<RunningService> {
  const log = (): void => undefined
  await startServices(['mysql'], { folder, log })
  const started = await recall(folder, 'mysql')
  if (started === undefined) throw new Error('MySQL did not stay')
  const small = '--innodb-data-file-path=ibdata1:12M:autoextend:max:13M'
  const launch = { ...started.launch, arguments: [...started.launch.arguments, small] }
  await remember(folder, 'mysql', { ...started, launch })
  const { mysql: again } = await startServices(['mysql'], { folder, log })
  await again.restart()
  return again
}

test('a server that trusts nobody with triggers is refused, and the cure is said', async () => {
  await sandbox.admin.query('set global log_bin_trust_function_creators = 0')
  await sandbox.start('tables: [$db.goods]', { project: 'untrusted', to: 'structure' })
  expect(await sandbox.outcome('untrusted')).toEqual({
    failure:
      `TRIGGERS_NOT_TRUSTED: The server lets this account create no triggers: ${sandbox.name}@%: ` +
      'The server writes a binary log and then trusts no account but an administrator with triggers. ' +
      'Run as an administrator: SET GLOBAL log_bin_trust_function_creators = 1 (and keep it in the configuration)',
  })
  expect(await traces(sandbox)).toEqual([])
  await sandbox.admin.query('set global log_bin_trust_function_creators = 1')
})

test('a log without room refuses the write as a whole, loses nothing, and goes on when there is room', async () => {
  const { admin, name, schema, account } = sandbox
  await admin.query('set global innodb_file_per_table = off')
  await sandbox.start('tables: [$db.goods]')
  await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
  await sandbox.update('pause', { mode: 'now' })
  await sleep(3000) // what runs hears of it with its next heartbeats

  let rows = 2
  const more = `insert into goods (name) with recursive n as (select 1 i union all select i + 1 from n
    where i < 900) select concat('row ', a.i) from n a, (select 1 union select 2 union select 3
    union select 4 union select 5 union select 6 union select 7 union select 8 union select 9) b`
  const write = async (): Promise<unknown> => {
    for (;;) {
      await admin.query(more)
      rows += 8100
    }
  }
  await expect(write()).rejects.toMatchObject({ errno: 1114 })
  expect(rows).toBeGreaterThan(2)
  const [counted] = await admin.query('select count(*) as n from goods')
  expect(counted).toMatchObject([{ n: String(rows) }])

  const address = `${server.host}:${server.port}`
  const own = { user: account.user, password: account.password }
  const source = await mysql.open(mysql.options.parse({ address, schema, ...own }))
  const keys = Array.from({ length: rows }, (_, i) => String(i))
  const enqueued = source.capture('shop').enqueue(`${name}.goods`, keys)
  await expect(enqueued).rejects.toMatchObject({
    code: 'SOURCE_FULL',
    message: `The source database has no room left for the log table: ${address}: a table or tablespace is full; make room (error 1114)`,
  })
  await source.close()

  await sandbox.update('resume', {})
  await expect
    .poll(() => admin.query(more).then(() => 'written'), { timeout: 60_000, interval: 500 })
    .toBe('written')
  await sandbox.update('verify', {})
  await sandbox.until(({ phase, certificate }) =>
    phase === 'switch' && certificate?.tables[0]?.rows === rows + 8100 ? true : undefined,
  )
  expect(await sandbox.update('switchOver', { writersStopped: true })).toMatchObject({
    switched: true,
    because: null,
  })
  expect(await sandbox.outcome()).toMatchObject({
    result: { switched: true, certificate: { clean: true, tables: [{ rows: rows + 8100 }] } },
  })
  expect(await sandbox.leftovers()).toEqual([])
}, 180_000)
