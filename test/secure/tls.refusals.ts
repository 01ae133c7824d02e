import { createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { expect, inject, test } from 'vitest'
import { HBaseClient } from '../../hbase/index.ts'
import { SOON_MS, ground, pem, refusal } from './ground.ts'

const { certificates } = ground()
const ca = pem(certificates.ca)
const [, port = ''] = inject('hbase').split(':')

test.each([
  ['no authority given', {}],
  ['another authority than the one that signed', { ca: pem(certificates.foreign.ca) }],
])('an untrusted certificate: %s', async (_, tls) => {
  const { code, message, milliseconds } = await refusal({ tls })
  expect(code).toBe('TLS_REFUSED')
  expect(message).toMatch(
    new RegExp(`localhost:${port} has a certificate that no authority in tls.ca`),
  )
  expect(milliseconds).toBeLessThan(SOON_MS)
})

test('a certificate for another name', async () => {
  const { code, message, milliseconds } = await refusal({
    tls: { ca, serverName: 'hbase.example.com' },
  })
  expect(code).toBe('TLS_REFUSED')
  expect(message).toMatch(/certificate for other names: set tls.serverName/)
  expect(milliseconds).toBeLessThan(SOON_MS)
})

test('another name is let through when verifyHostname is false, an untrusted one is not', async () => {
  const tls = { serverName: 'hbase.example.com', verifyHostname: false }
  expect(await refusal({ tls: { ...tls, ca } })).toMatchObject({ code: 'none' })
  expect(await refusal({ tls })).toMatchObject({ code: 'TLS_REFUSED' })
})

test('the name of the cluster counts, not where hosts leads to', async () => {
  const tls = { ca }
  const client = { tls, hosts: { localhost: '127.0.0.1', 'other.example.com': '127.0.0.1' } }
  expect(await refusal(client, `localhost:${port}`)).toMatchObject({ code: 'none' })
  expect(await refusal(client, `other.example.com:${port}`)).toMatchObject({ code: 'TLS_REFUSED' })
})

test('an expired certificate', async () => {
  const { cert, key } = certificates.expired
  const server = createServer({ cert: pem(cert), key: pem(key) }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port: own } = server.address() as AddressInfo
  const { code, message } = await refusal({ tls: { ca } }, `127.0.0.1:${own}`)
  server.close()
  expect(code).toBe('TLS_REFUSED')
  expect(message).toContain('not valid today')
})

test('a plain client', async () => {
  const { code, message, milliseconds } = await refusal({})
  expect(code).toBe('TLS_REFUSED')
  expect(message).toContain('takes encrypted connections only: give the option tls')
  expect(milliseconds).toBeLessThan(SOON_MS)
})

test.each([
  ['an authority that is no PEM', { ca: 'nonsense' }, 'ca cannot be used'],
  ['a certificate without its key', { ca, cert: ca }, 'cert and key belong together'],
  ['a key that is no PEM', { ca, cert: ca, key: 'nonsense' }, 'cert or key cannot be used'],
  [
    'the key of another certificate',
    { ca, cert: pem(certificates.client.cert), key: pem(certificates.server.key) },
    'cert or key cannot be used',
  ],
])('before anything is sent: %s', (_, tls, says) => {
  const open = () => new HBaseClient({ endpoints: [inject('hbase')], tls })
  expect(open).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }) as Error)
  expect(open).toThrow(says)
})
