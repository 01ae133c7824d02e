import { randomBytes } from 'node:crypto'

/** A number no other request carries; not 0, which stands for no nonce (HConstants.NO_NONCE). */
export const newNonce = (): bigint => randomBytes(8).readBigUInt64BE() | 1n
