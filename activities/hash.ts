import { createHash } from 'node:crypto'

/** The first 8 bytes of SHA-256. */
export const hash = (bytes: Uint8Array): bigint =>
  createHash('sha256').update(bytes).digest().readBigUInt64BE(0)
