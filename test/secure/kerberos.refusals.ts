import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { HBaseClient } from '../../hbase/index.ts'
import type { KerberosOptions } from '../../hbase/index.ts'
import { REALM } from '../../services/secure/kdc.ts'
import { SERVICE_PRINCIPAL, SOON_MS, ground, refusal } from './ground.ts'

const { tickets, keytabs } = ground().kerberos
const kerberos: KerberosOptions = { servicePrincipal: SERVICE_PRINCIPAL }
const NOWHERE = '/nonexistent/ccache'

afterEach(() => {
  process.env['KRB5CCNAME'] = tickets.good
  delete process.env['KRB5_CLIENT_KTNAME']
})

test.each([
  ['a client without Kerberos', {}, 'Authentication is required: give the option kerberos'],
  [
    'a principal the KDC does not know',
    { kerberos: { servicePrincipal: `hbase/elsewhere@${REALM}` } },
    `hbase/elsewhere@${REALM}: the KDC does not know this principal`,
  ],
  [
    "a principal that is another server's",
    { kerberos: { servicePrincipal: `other/localhost@${REALM}` } },
    '(the server says: GSS initiate failed), javax.security.sasl.SaslException',
  ],
  [
    'another realm',
    { kerberos: { servicePrincipal: 'hbase/_HOST@ELSEWHERE.TEST' } },
    'hbase/localhost@ELSEWHERE.TEST: the KDC does not know this principal',
  ],
  [
    'more protection than the server gives',
    { kerberos: { ...kerberos, protection: 'privacy' as const } },
    'it does not do privacy: set kerberos.protection to its hbase.rpc.protection (authentication)',
  ],
])('%s', async (_, options, says) => {
  const { code, message, milliseconds } = await refusal(options)
  expect(message).toContain(says)
  expect(code).toBe('AUTHENTICATION_FAILED')
  expect(milliseconds).toBeLessThan(SOON_MS)
})

describe('the ticket', () => {
  test.each([
    ['missing', NOWHERE, 'there is no ticket: run kinit'],
    ['expired', tickets.expired, 'the ticket has expired'],
  ])('is %s', async (_, cache, says) => {
    process.env['KRB5CCNAME'] = cache
    const { code, message, milliseconds } = await refusal({ kerberos })
    expect(message).toContain(says)
    expect(code).toBe('AUTHENTICATION_FAILED')
    expect(milliseconds).toBeLessThan(SOON_MS)
  })

  test('may come from a keytab', async () => {
    process.env['KRB5CCNAME'] = `MEMORY:${process.pid}`
    process.env['KRB5_CLIENT_KTNAME'] = keytabs.client
    expect(await refusal({ kerberos })).toMatchObject({ code: 'none' })
  })
})

describe('a clock that is ten minutes ahead', () => {
  const ahead = async (cache: string) => {
    process.env['KRB5CCNAME'] = skewed(cache, 600)
    const { code, message, milliseconds } = await refusal({ kerberos })
    rmSync(dirname(process.env['KRB5CCNAME']), { recursive: true })
    expect(code).toBe('AUTHENTICATION_FAILED')
    expect(milliseconds).toBeLessThan(SOON_MS)
    return message
  }

  test('is what the KDC complains of', async () => {
    const message = await ahead(tickets.unused)
    expect(message).toContain('the clocks of this machine, the KDC and the server must agree')
    expect(message).toMatch(/skew/i)
  })

  test('is what the server refuses, where the KDC need not be asked', async () => {
    expect(await refusal({ kerberos })).toMatchObject({ code: 'none' })
    // By now there is a ticket for the server in it.
    const message = await ahead(tickets.good)
    expect(message).toContain('or the clocks are apart (the server says: GSS initiate failed)')
  })
})

test('a KDC that cannot be reached is asked again until the deadline', async () => {
  const config = process.env['KRB5_CONFIG'] ?? ''
  const astray = join(mkdtempSync(join(tmpdir(), 'longhaul-krb5-')), 'krb5.conf')
  writeFileSync(astray, readFileSync(config, 'utf8').replace(/kdc = \S+:\d+/, 'kdc = 127.0.0.1:1'))
  process.env['KRB5_CONFIG'] = astray
  process.env['KRB5_CLIENT_KTNAME'] = keytabs.client
  process.env['KRB5CCNAME'] = `MEMORY:${process.pid}-astray`
  const { code, message } = await refusal({ kerberos, operationTimeoutMs: 1500 })
  process.env['KRB5_CONFIG'] = config
  rmSync(dirname(astray), { recursive: true })
  expect(message).toContain('Cannot contact any KDC')
  expect(code).toBe('UNREACHABLE')
})

test('a server that never answers the first token: the handshake has a deadline', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address() as AddressInfo
  const options = { kerberos, callTimeoutMs: 1000, operationTimeoutMs: 2500 }
  const { code, milliseconds } = await refusal(options, `localhost:${port}`)
  silent.close()
  expect(code).toBe('UNREACHABLE')
  expect(milliseconds).toBeLessThan(SOON_MS)
})

test.each([
  ['a principal without a host', { servicePrincipal: 'hbase' }, 'servicePrincipal must be like'],
  [
    'a word that is no protection',
    { ...kerberos, protection: 'auth-conf' as never },
    'protection must',
  ],
])('before anything is sent: %s', (_, options, says) => {
  const open = () => new HBaseClient({ endpoints: [inject('hbase')], kerberos: options })
  expect(open).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }) as Error)
  expect(open).toThrow(says)
})

/**
 * A copy of a credentials cache (format 4) that says the clock of this machine is so much behind, which
 * libkrb5 then adds to every time it sends: as if the clock itself were ahead.
 */
function skewed(cache: string, seconds: number): string {
  const path = join(mkdtempSync(join(tmpdir(), 'longhaul-krb5-')), 'ccache')
  const bytes = readFileSync(cache.replace(/^FILE:/, ''))
  if (bytes.readUInt16BE(0) !== 0x0504) throw new Error('a credentials cache of another format')
  const head = Buffer.alloc(16)
  head.writeUInt16BE(0x0504, 0)
  head.writeUInt16BE(12, 2)
  // The one tag there is: the difference in seconds and microseconds
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(8, 6)
  head.writeInt32BE(seconds, 8)
  writeFileSync(path, Buffer.concat([head, bytes.subarray(4 + bytes.readUInt16BE(2))]))
  return path
}
