import type { Proof, Sample, SampleSize, VerifyMode } from './project.ts'
import { PROOFS } from './project.ts'

export const SAMPLE_SIZE: SampleSize = { percent: 1, rows: 10_000, seed: null }

/** A sample of about so many rows. The estimate of a source may be wrong; the chance of each row is what holds. */
export function sampleOf(
  { percent, rows, seed }: SampleSize,
  { estimate, round }: { readonly estimate: number; readonly round: number },
): Sample {
  const part = Math.max(percent / 100, estimate > 0 ? rows / estimate : 1)
  return { part: Math.min(1, part), seed: seed ?? round }
}

/** The chance that at least one of so many wrong rows is in a sample, 0 to 1. */
export const chanceOf = (part: number, wrong: number): number => 1 - (1 - part) ** wrong

/** How many rows must be wrong until one of them is noticed with this chance. */
export const noticedFrom = (part: number, chance: number): number =>
  part >= 1 ? 1 : Math.ceil(Math.log(1 - chance) / Math.log(1 - part))

export const proofOf = (mode: VerifyMode): Proof =>
  mode === 'sample' || mode === 'count' ? mode : 'full'

/** Whether what was shown is at least what is asked for. */
export const isEnough = (shown: Proof, asked: Proof): boolean =>
  PROOFS.indexOf(shown) >= PROOFS.indexOf(asked)
