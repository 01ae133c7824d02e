/** A number from 0 to below 1, the same sequence for the same seed. */
export type Random = () => number

/** mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    return hash(state) / 2 ** 32
  }
}

/** A stream of its own for every actor: what one of them draws does not change the others' plans. */
export const streamOf = (seed: number, actor: string): Random =>
  seeded(hash(seed, ...asBytes(actor)))

/** 32 bits that depend on every bit given. */
export function hash(...numbers: readonly number[]): number {
  let mixed = 0x9e3779b9
  for (const number of numbers) {
    mixed = Math.imul(mixed ^ number, 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35)
    mixed ^= mixed >>> 13
  }
  return mixed >>> 0
}

/** A whole number from `least` to `most`. */
export const between = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1))

/** Throws when there is none. */
export function oneOf<T>(random: Random, all: readonly T[]): T {
  const found = all[Math.floor(random() * all.length)]
  if (found === undefined) throw new Error('Nothing to choose from.')
  return found
}

export const asBytes = (text: string): Buffer => Buffer.from(text)
