import { expect, test } from 'vitest'
import { SOON_MS, ground, pem, refusal } from './ground.ts'

test('a TLS client', async () => {
  const { code, message, milliseconds } = await refusal({
    tls: { ca: pem(ground().certificates.ca) },
  })
  expect(code).toBe('TLS_REFUSED')
  expect(message).toContain('does not speak TLS: leave tls out')
  expect(milliseconds).toBeLessThan(SOON_MS)
})
