import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { Certificate, CertifiedTable, Signature } from '../model/project.ts'
import { LINKS } from '../plan/links.ts'

type Content = Omit<Certificate, 'digest' | 'signature'>

/** Adds the digest and, with a private Ed25519 key, the signature. */
export function sealed(content: Content, key: KeyObject | null): Certificate {
  const digest = digestOf(content)
  if (key === null) return { ...content, digest }
  const signature: Signature = {
    algorithm: 'Ed25519',
    publicKey: publicKeyOf(key),
    value: sign(null, textOf(content), key).toString('base64'),
  }
  return { ...content, digest, signature }
}

/** SHA-256 over the content as JSON with sorted names, in hex; anyone can compute it again. */
export const digestOf = (content: Content): string =>
  createHash('sha256').update(textOf(content)).digest('hex')

/** SubjectPublicKeyInfo in DER, base64; of a private key that of its other half. */
export const publicKeyOf = (key: KeyObject): string =>
  (key.type === 'private' ? createPublicKey(key) : key)
    .export({ type: 'spki', format: 'der' })
    .toString('base64')

/** What people compare keys by: the SHA-256 of the public key, in hex. */
export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex')

/** What is wrong with a certificate as it stands, without a look at any row; null when nothing is. */
export function flawOf(certificate: Certificate): string | null {
  const { digest, signature, ...content } = certificate
  if (digestOf(content) !== digest)
    return 'its SHA-256 is not that of what it says: it was changed after it was issued'
  if (signature !== undefined && !isSigned(content, signature))
    return 'its signature is not that of what it says: it was changed after it was signed'
  const broken = content.tables.find((table) => table.chain !== chained(table).chain)
  return broken === undefined ? null : `the chain of ${broken.name} does not follow from its links`
}

function isSigned(content: Content, { publicKey, value }: Signature): boolean {
  try {
    const key = createPublicKey({
      key: Buffer.from(publicKey, 'base64'),
      type: 'spki',
      format: 'der',
    })
    const isOurs = key.asymmetricKeyType === 'ed25519'
    return isOurs && verify(null, textOf(content), key, Buffer.from(value, 'base64'))
  } catch {
    return false // no key, or no signature at all
  }
}

/**
 * Each member is the SHA-256 of the one before and of one link; the first of what makes the rows: from, to, the mapping
 * with its codecs, the schema. So its end stands for all of them, in their order.
 */
export function chained(table: CertifiedTable): CertifiedTable {
  const { from, to, mapping, schemaHash, mode, sample = null, links } = table
  if (links === undefined || mapping === undefined) return table
  let chain = sha256(canonical({ from, to, mapping, schemaHash, mode, sample }))
  for (let no = 0; no < LINKS; no++) chain = sha256(chain + canonical([no, links[no] ?? null]))
  return { ...table, chain }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const textOf = (content: Content): Buffer => Buffer.from(canonical(content))

const canonical = (value: unknown): string => JSON.stringify(sorted(value))

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  )
}
