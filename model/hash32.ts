/**
 * A stable 32-bit hash: FNV-1a over the bytes, then the finaliser of MurmurHash3, so that keys which differ in
 * their last digit only are spread as well. Row keys in HBase depend on it: it must never change.
 */
export function hash32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
