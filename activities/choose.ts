import { createHash } from 'node:crypto'
import type { RowKey } from '../model/mutation.ts'
import type { Sample } from '../model/project.ts'
import { bucketOf } from '../plan/buckets.ts'
import type { Sink } from '../sinks/sink.ts'
import { unequalBuckets, type SumInput } from './sum.ts'

export interface ChooseRows extends SumInput {
  /** Only rows in the buckets that the sums found unequal. */
  readonly unequalOnly: boolean
  readonly sample?: Sample
}

/** Which rows a verification looks at, by the row key alone: so it is the same on both sides. */
export async function chooser(sink: Sink, input: ChooseRows): Promise<(rowKey: RowKey) => boolean> {
  if (input.sample !== undefined) return sampler(input.sample)
  if (!input.unequalOnly) return () => true
  const unequal = await unequalBuckets(sink, input)
  return (rowKey) => unequal.has(bucketOf(rowKey))
}

const HASHED_BYTES = 6

/** Each row with the same chance, whatever the others are; the same seed picks the same rows. */
export function sampler({ part, seed }: Sample): (rowKey: RowKey) => boolean {
  const below = part * 2 ** (8 * HASHED_BYTES)
  return (rowKey) => {
    const digest = createHash('sha256').update(`${seed}|`).update(rowKey).digest()
    return digest.readUIntBE(0, HASHED_BYTES) < below
  }
}
