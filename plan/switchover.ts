import type { Gate } from '../model/project.ts'

/** A decision and, when it is no, the first reason that matters. */
export type Verdict = { readonly ready: true } | { readonly ready: false; readonly because: string }

export interface SwitchState {
  readonly failed: readonly string[]
  /** Tables no certificate covers. */
  readonly unverified: readonly string[]
  /** Tables of which only a sample, or the count, was compared, and that is less than is asked for; left out by earlier releases. */
  readonly partly?: readonly string[]
  readonly different: readonly string[]
  readonly dead: number
  /** What changes may have gone by unlogged; null when the capture is whole. */
  readonly damage: string | null
  readonly lagSeconds: number
  readonly maxLagSeconds: number
  readonly certificateAgeSeconds: number
  readonly certificateMaxAgeSeconds: number
  readonly writersStopped: boolean
}

/** Every gate before a switchover with its reading, in the order in which their reasons matter. */
export function gatesOf(state: SwitchState): readonly Gate[] {
  const { failed, unverified, partly = [], different, dead, damage } = state
  const age = Math.round(state.certificateAgeSeconds)
  const lag = state.lagSeconds.toFixed(1)
  return [
    tablesGate('tables that failed', failed, 'a table failed'),
    tablesGate('tables not verified', unverified, 'not verified yet'),
    tablesGate(
      'tables verified in part',
      partly,
      'not every cell was compared, verify with --mode auto or ask for less (switch.proof)',
    ),
    // Before the differences: a row that could not be written is one
    gate(
      'dead letters',
      String(dead),
      dead > 0 ? `${dead} row${dead === 1 ? '' : 's'} could not be written (dead letters)` : null,
    ),
    tablesGate('tables with rows that differ', different, 'rows differ in'),
    gate(
      'certificate',
      `${age} s old, at most ${state.certificateMaxAgeSeconds} s`,
      state.certificateAgeSeconds > state.certificateMaxAgeSeconds
        ? `the certificate is ${age} s old, more than ${state.certificateMaxAgeSeconds} s: verify again`
        : null,
    ),
    gate(
      'lag',
      `${lag} s, at most ${state.maxLagSeconds} s`,
      state.lagSeconds > state.maxLagSeconds
        ? `lag is ${lag} s, more than ${state.maxLagSeconds} s`
        : null,
    ),
    gate('capture', damage ?? 'whole', damage),
    gate(
      'writers',
      state.writersStopped ? 'stopped, as confirmed' : 'not confirmed',
      state.writersStopped ? null : 'nobody confirmed that the writers are stopped',
    ),
  ]
}

/** Stands against a switchover as long as there is such a table. */
const tablesGate = (name: string, tables: readonly string[], why: string): Gate => {
  const names = tables.join(', ')
  return tables.length === 0 ? gate(name, 'none', null) : gate(name, names, `${why}: ${names}`)
}

const gate = (name: string, reading: string, because: string | null): Gate => ({
  name,
  reading,
  because,
})

/** May writers be moved to HBase now? The first reason not to is the one worth telling. */
export function maySwitch(gates: readonly Gate[]): Verdict {
  const because = gates.find((one) => one.because !== null)?.because ?? null
  return because === null ? { ready: true } : { ready: false, because }
}
