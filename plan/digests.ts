/** Sum and not XOR, so that a row counted twice does not vanish. */
export const addDigests = (a: string, b: string): string =>
  formatDigest(BigInt(`0x${a}`) + BigInt(`0x${b}`))

/** The lower 64 bits, in hex. */
export const formatDigest = (sum: bigint): string =>
  BigInt.asUintN(64, sum).toString(16).padStart(16, '0')
