import { readFileSync } from 'node:fs'
import { inject } from 'vitest'
import { HBaseClient } from '../../hbase/index.ts'
import type { ClientOptions, HBaseError } from '../../hbase/index.ts'
import { REALM } from '../../services/secure/kdc.ts'
import type { Certificates } from '../../services/secure/certificates.ts'

/** What test/secure/main.ts hands to the files it runs. */
export interface Ground {
  readonly certificates: Certificates
  readonly kerberos: {
    /** krb5.conf */
    readonly config: string
    readonly keytabs: { readonly server: string; readonly client: string }
    /** Credentials caches: one that is good, one whose ticket has expired, one nobody connects with. */
    readonly tickets: { readonly good: string; readonly expired: string; readonly unused: string }
  }
}

/** As hbase-site.xml has it. */
export const SERVICE_PRINCIPAL = `hbase/_HOST@${REALM}`

export const GROUND_VARIABLE = 'LONGHAUL_TEST_GROUND'

export const ground = (): Ground => JSON.parse(process.env[GROUND_VARIABLE] ?? '{}') as Ground

export const pem = (file: string): string => readFileSync(file, 'utf8')

export interface Refusal {
  readonly code: string
  readonly message: string
  readonly milliseconds: number
}

/** Asks a server for its version and returns what it fails with; an operation has 30 s. */
export async function refusal(
  options: Partial<ClientOptions>,
  endpoint = inject('hbase'),
): Promise<Refusal> {
  const began = performance.now()
  const client = new HBaseClient({ endpoints: [endpoint], operationTimeoutMs: 30_000, ...options })
  try {
    await client.version()
    return { code: 'none', message: '', milliseconds: 0 }
  } catch (error) {
    const { code, message } = error as HBaseError
    return { code, message, milliseconds: performance.now() - began }
  } finally {
    await client.close()
  }
}

/** Said at once: not after retries that cannot help. */
export const SOON_MS = 3000
