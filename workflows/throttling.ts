import { setHandler } from '@temporalio/workflow'
import type { Limits, Throttle } from '../model/project.ts'
import { onControl } from './controls.ts'
import { limitsNow, throttle, type Throttling } from './messages.ts'
import type { Run } from './run.ts'

/** As far as anybody would go; beyond it is a slip of the finger. */
const MOST: Readonly<Record<keyof Throttle, number>> = {
  rowsPerSecond: 10_000_000,
  threadsRunning: 100_000,
  replicationLagSeconds: 86_400,
}
const NAMES = Object.keys(MOST) as (keyof Throttle)[]

/** Lets an operator change limits while the project runs; what runs asks for them, so nothing is interrupted. */
export function throttled(run: Run): void {
  setHandler(limitsNow, () => throttleOf(run), { description: 'The limits as they are now' })
  onControl(
    throttle,
    (changed) => {
      for (const name of NAMES)
        if (changed[name] !== undefined) run.state.throttling[name] = changed[name]
      return sentence(run.state.throttling)
    },
    expectLimits,
  )
}

/** What the project file says, and over it what was changed since. */
export const throttleOf = ({ limits, state }: Pick<Run, 'limits' | 'state'>): Throttle | null =>
  limits === null ? null : { ...limitsOf(limits), ...state.throttling }

const limitsOf = ({ rowsPerSecond, source }: Limits): Throttle => ({ rowsPerSecond, ...source })

function expectLimits(changed: Throttling): void {
  const entries = Object.entries(changed)
  if (entries.length === 0) throw new Error(`Say which: ${NAMES.join(', ')}`)
  for (const [name, value] of entries) {
    if (!isName(name)) throw new Error(`${name} is no limit; there are ${NAMES.join(', ')}`)
    if (value === null) continue
    if (!Number.isInteger(value) || value < 1 || value > MOST[name])
      throw new Error(`${name} should be a whole number from 1 to ${MOST[name]}, or null for none`)
  }
}

const isName = (name: string): name is keyof Throttle => Object.hasOwn(MOST, name)

const sentence = (throttling: Throttling): string =>
  NAMES.filter((name) => throttling[name] !== undefined)
    .map((name) => `${name} ${throttling[name] ?? 'none'}`)
    .join(', ')
