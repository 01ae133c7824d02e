/** A decision and, when it is no, the first reason that matters. */
export type Verdict = { readonly ready: true } | { readonly ready: false; readonly because: string }

const not = (because: string): Verdict => ({ ready: false, because })

export interface SwitchState {
  readonly failed: readonly string[]
  /** Tables no certificate covers. */
  readonly unverified: readonly string[]
  readonly different: readonly string[]
  readonly dead: number
  readonly lagSeconds: number
  readonly maxLagSeconds: number
  readonly certificateAgeSeconds: number
  readonly certificateMaxAgeSeconds: number
  readonly writersStopped: boolean
}

/** May writers be moved to HBase now? The first reason not to is the one worth telling. */
export function maySwitch(state: SwitchState): Verdict {
  const { failed, unverified, different, dead } = state
  if (failed.length > 0) return not(`a table failed: ${failed.join(', ')}`)
  if (unverified.length > 0) return not(`not verified yet: ${unverified.join(', ')}`)
  // Before the differences: a row that could not be written is one
  if (dead > 0)
    return not(`${dead} row${dead === 1 ? '' : 's'} could not be written (dead letters)`)
  if (different.length > 0) return not(`rows differ in: ${different.join(', ')}`)
  if (state.certificateAgeSeconds > state.certificateMaxAgeSeconds)
    return not(
      `the certificate is ${Math.round(state.certificateAgeSeconds)} s old, more than ${state.certificateMaxAgeSeconds} s: verify again`,
    )
  if (state.lagSeconds > state.maxLagSeconds)
    return not(`lag is ${state.lagSeconds.toFixed(1)} s, more than ${state.maxLagSeconds} s`)
  if (!state.writersStopped) return not('nobody confirmed that the writers are stopped')
  return { ready: true }
}
