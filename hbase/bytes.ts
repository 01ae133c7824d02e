/** Longer ones are compared by native code, whose call costs as much as some dozen bytes here. */
const SHORT = 32

/** Below, at or above 0 as `a` comes before, with or after `b` in HBase's order: byte by byte, then by length. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  if (length > SHORT) return Buffer.compare(a, b)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
