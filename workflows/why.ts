import { ApplicationFailure } from '@temporalio/workflow'

/** The sentence of the failure below the wrappers Temporal puts around it. */
export function whyOf(error: unknown): string {
  let why = error
  while (why instanceof Error && why.cause instanceof Error && !(why instanceof ApplicationFailure))
    why = why.cause
  if (why instanceof ApplicationFailure) return `${why.type ?? 'UNKNOWN'}: ${why.message}`
  return why instanceof Error ? why.message : 'unknown'
}
