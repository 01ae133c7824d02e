import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SyncError } from '../../../model/errors.ts'
import { expectSkipLocked, supportedVersion } from '../../../sources/mysql/client.ts'
import { sourceError } from '../../../sources/mysql/errors.ts'
import { mysql } from '../../../sources/mysql/index.ts'
import { openBench, SERVERS, type Bench } from './server.ts'

describe.each(SERVERS)('open %s', (server) => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench(server)
  })
  afterAll(async () => bench.close())

  test('says product and version', () => {
    expect(bench.source.server).toMatch(
      server === 'mysql' ? /^MySQL \d+\.\d+/ : /^MariaDB \d+\.\d+/,
    )
  })

  test('says that the login was refused, without the password', async () => {
    const opening = bench.open({ password: 'secret-and-wrong' })
    await expect(opening).rejects.toMatchObject({ code: 'SOURCE_AUTH' })
    await expect(opening).rejects.not.toThrow(/secret/)
  })

  test('goes on after the server ended all its connections', async () => {
    const user = `killed_${bench.schema.slice(9)}`
    await bench.run(
      'CREATE TABLE t (id INT PRIMARY KEY)',
      `CREATE USER '${user}'@'%' IDENTIFIED BY 'open-password-1'`,
      `GRANT SELECT ON ${bench.database}.* TO '${user}'@'%'`,
    )
    const source = await bench.open({ user, password: 'open-password-1' })
    await Promise.all([1, 2, 3].map(() => source.describe(`${bench.database}.t`)))
    const theirs = await bench.ask(
      `SELECT id FROM information_schema.PROCESSLIST WHERE USER = '${user}'`,
    )
    expect(theirs.length).toBeGreaterThan(1)
    for (const [id] of theirs) await bench.run(`KILL ${id ?? ''}`)
    const attempts = []
    for (let i = 0; i < 5; i++)
      attempts.push(
        await source.describe(`${bench.database}.t`).then(
          () => 'read',
          (error: unknown) => (error instanceof SyncError ? error.code : 'unknown'),
        ),
      )
    await bench.run(`DROP USER '${user}'@'%'`)
    expect(attempts.at(-1)).toBe('read')
    expect(attempts.every((attempt) => ['read', 'SOURCE_UNREACHABLE'].includes(attempt))).toBe(true)
  })

  test('never repeats what the driver says, which may hold values of a row', async () => {
    await bench.run('CREATE TABLE u (id INT PRIMARY KEY)', 'INSERT INTO u VALUES (4711)')
    const error: unknown = await bench.run('INSERT INTO u VALUES (4711)').catch((e: unknown) => e)
    expect(String(error)).toContain('4711')
    const ours = sourceError(error, 'shop.u')
    expect(ours.code).toBe('SOURCE_FAILED')
    expect(ours.message).toContain('error 1062, SQLSTATE 23000')
    expect(JSON.stringify([ours.message, ours.detail, ours.cause])).not.toContain('4711')
  })
})

const options = (address: string) => mysql.options.parse({ address, user: 'u', password: 'p' })

test('says that nobody answers', async () => {
  await expect(mysql.open(options('127.0.0.1:1'))).rejects.toMatchObject({
    code: 'SOURCE_UNREACHABLE',
  })
  await expect(mysql.open(options('no-such-host.invalid:3306'))).rejects.toMatchObject({
    code: 'SOURCE_UNREACHABLE',
  })
})

test('says that what answers is no MySQL', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const error: unknown = await mysql.open(options(`127.0.0.1:${port}`)).catch((e: unknown) => e)
  server.close()
  expect(error).toBeInstanceOf(SyncError)
})

test.each([
  ['5.7.44-log', null],
  ['8.0.36', 'MySQL 8.0.36'],
  ['9.7.4-2', 'MySQL 9.7.4'],
  ['5.5.5-10.4.30-MariaDB', null],
  ['5.5.5-10.5.0-MariaDB-log', 'MariaDB 10.5.0'],
  ['11.4.2-MariaDB-ubu2404', 'MariaDB 11.4.2'],
])('takes version %s for %s', (version, expected) => {
  if (expected === null) expect(() => supportedVersion(version)).toThrow(/not supported/)
  else expect(supportedVersion(version).server).toBe(expected)
})

test('takes log: dedupe only where rows that are locked can be passed over', () => {
  expect(() => expectSkipLocked('MariaDB 10.5.28')).toThrow(/MariaDB 10\.5\.28.*log: append/)
  for (const server of ['MariaDB 10.6.0', 'MariaDB 11.5.2', 'MySQL 8.0.36'])
    expect(() => expectSkipLocked(server)).not.toThrow()
})

test('refuses options it does not know', () => {
  expect(() =>
    mysql.options.parse({ address: 'h:1', user: 'u', password: '', sslmode: 1 }),
  ).toThrow()
  expect(() => mysql.options.parse({ address: 'h', user: 'u', password: '' })).toThrow(/host:port/)
  expect(mysql.options.parse({ address: 'h:1', user: 'u', password: '' })).toMatchObject({
    schema: 'longhaul',
    connections: 8,
    log: 'append',
  })
})
