import { createPrivateKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { Path } from './problems.ts'

/** What the connections file says of certificates. */
export const certificateShape = z
  .strictObject({
    signingKey: z
      .string()
      .min(1)
      .describe(
        'A private Ed25519 key in PEM, best as ${file:...}; certificates are signed with it',
      ),
  })
  .describe('How certificates are signed; left out, they carry a digest alone')

const PATH: Path = ['certificate', 'signingKey']

/** The key to sign with; what is wrong with it is said without a letter of it. */
export function readSigningKey(file: unknown): {
  readonly key: KeyObject | null
  readonly said: readonly { path: Path; text: string }[]
} {
  const parsed = certificateShape.safeParse((file as { certificate?: unknown } | null)?.certificate)
  if (!parsed.success) return { key: null, said: [] } // the shape of the file says what is wrong
  try {
    const key = createPrivateKey(parsed.data.signingKey)
    if (key.asymmetricKeyType === 'ed25519') return { key, said: [] }
  } catch {
    // said below, whatever the reason
  }
  const text =
    'certificate.signingKey should be a private Ed25519 key in PEM. Make one with: openssl genpkey -algorithm ed25519 -out signing.pem'
  return { key: null, said: [{ path: PATH, text }] }
}
