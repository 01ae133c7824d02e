import { createHash, hash as hashOnce } from 'node:crypto'

/** SHA-256. Node 20 had no call for it all at once before 20.12. */
const sha256: (bytes: Uint8Array) => Buffer =
  typeof hashOnce === 'function'
    ? (bytes) => hashOnce('sha256', bytes, 'buffer')
    : (bytes) => createHash('sha256').update(bytes).digest()

/** The first 8 bytes of SHA-256. */
export const hash = (bytes: Uint8Array): bigint => sha256(bytes).readBigUInt64BE(0)
