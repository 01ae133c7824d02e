import { hash32 } from '../../model/hash32.ts'

/** The row key that longhaul makes of a key with `rowKey: {salt: N}`, and without (transform/row-key.ts); 0 for none. */
export function rowKeyOf(key: Buffer, salt: number): Buffer {
  if (salt === 0) return key
  const bucket = (hash32(key) % salt).toString(16).padStart(2, '0')
  return Buffer.concat([Buffer.from(`${bucket}_`), key])
}
