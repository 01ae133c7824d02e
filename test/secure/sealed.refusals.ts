import { connect, createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { afterAll, expect, inject, test } from 'vitest'
import type { KerberosOptions } from '../../hbase/index.ts'
import { SERVICE_PRINCIPAL, SOON_MS, refusal } from './ground.ts'

const kerberos: KerberosOptions = { servicePrincipal: SERVICE_PRINCIPAL }
/** The protection this server wants. */
const { kerberos: fitting } = JSON.parse(process.env['LONGHAUL_TEST_CLIENT'] ?? '{}') as {
  readonly kerberos: KerberosOptions
}

test('less protection than the server wants', async () => {
  const { code, message, milliseconds } = await refusal({ kerberos })
  expect(message).toContain('it does not do authentication: set kerberos.protection to its')
  expect(code).toBe('AUTHENTICATION_FAILED')
  expect(milliseconds).toBeLessThan(SOON_MS)
})

const open: Server[] = []
afterAll(() => {
  for (const one of open) one.close()
})

/** Passes everything on; what the server says goes through `change` once the handshake is over. */
async function between(change: (chunk: Buffer) => Buffer): Promise<string> {
  const port = Number(inject('hbase').split(':')[1])
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    let answers = 0
    client.on('data', (chunk) => server.write(chunk))
    // Two answers make the handshake; the third is the first sealed one.
    server.on('data', (chunk) => client.write(++answers > 2 ? change(chunk) : chunk))
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('close', () => other.destroy())
      one.on('error', () => other.destroy())
    }
  }).listen(0, '127.0.0.1')
  open.push(proxy)
  await new Promise((resolve) => proxy.once('listening', resolve))
  return `localhost:${(proxy.address() as AddressInfo).port}`
}

const brief = { kerberos: fitting, operationTimeoutMs: 3000 }

test('an unchanged message passes', async () => {
  expect(await refusal(brief, await between((chunk) => chunk))).toMatchObject({ code: 'none' })
})

test('a message in which one bit was changed on the way', async () => {
  const endpoint = await between((chunk) => {
    const changed = Buffer.from(chunk)
    changed[chunk.length - 1] = (chunk[chunk.length - 1] ?? 0) ^ 1
    return changed
  })
  const { code, message } = await refusal(brief, endpoint)
  expect(code).toBe('UNREACHABLE')
  expect(message).toMatch(/invalid|checksum|integrity|MIC|signature/i)
})
