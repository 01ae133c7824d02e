import { expect, test } from 'vitest'
import { SOON_MS, ground, pem, refusal } from './ground.ts'

const { certificates } = ground()
const ca = pem(certificates.ca)
const { cert, key } = certificates.foreign.client

test.each([
  ['no certificate of the client', { ca }],
  [
    'a certificate of the client that the server does not trust',
    { ca, cert: pem(cert), key: pem(key) },
  ],
])('%s', async (_, tls) => {
  const { code, message, milliseconds } = await refusal({ tls })
  expect(code).toBe('TLS_REFUSED')
  expect(message).toMatch(
    /wants a certificate of this client that it trusts: give tls.cert and tls.key/,
  )
  expect(milliseconds).toBeLessThan(SOON_MS)
})

test('a plain client', async () => {
  const { code, message } = await refusal({})
  expect(code).toBe('TLS_REFUSED')
  expect(message).toContain('takes encrypted connections only: give the option tls')
})
