import { expect, test } from 'vitest'
import { REALM } from '../../services/secure/kdc.ts'
import { SERVICE } from '../../services/secure/kerberos-settings.ts'
import { SERVICE_PRINCIPAL, SOON_MS, ground, pem, refusal } from './ground.ts'

test('a TLS client', async () => {
  const { code, message, milliseconds } = await refusal({
    tls: { ca: pem(ground().certificates.ca) },
  })
  expect(code).toBe('TLS_REFUSED')
  expect(message).toContain('does not speak TLS: leave tls out')
  expect(milliseconds).toBeLessThan(SOON_MS)
})

test('a Kerberos client, which the server asks to go without authentication', async () => {
  const kerberos = { servicePrincipal: SERVICE_PRINCIPAL }
  const { code, message, milliseconds } = await refusal({ kerberos })
  expect(message).toContain('asks for SIMPLE, without authentication')
  expect(code).toBe('AUTHENTICATION_FAILED')
  expect(milliseconds).toBeLessThan(SOON_MS)
})

test('the same client goes on when kerberos.allowSimple is true', async () => {
  // This server publishes its address, for which there is no principal.
  const kerberos = { servicePrincipal: `${SERVICE}@${REALM}`, allowSimple: true }
  expect(await refusal({ kerberos, user: 'longhaul' })).toMatchObject({ code: 'none' })
})
