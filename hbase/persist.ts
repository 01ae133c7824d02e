import { Fault, RemoteFault, backoffMs } from './faults.ts'
import type { Deadline } from './deadline.ts'
import { Patience } from './patience.ts'
import { retries, toldOf } from './channels.ts'

export interface PersistOptions {
  /** Called after each failed try, to forget what turned out wrong. What it throws ends the operation. */
  readonly onFault?: (fault: Fault, attempt: number) => void | Promise<void>
  /** Also go on after exceptions that do not say whether they pass, as a starting server sends them. */
  readonly patient?: boolean
  /** Let errors quote HBase's own words: only where they cannot hold row content. */
  readonly tell?: boolean
}

/**
 * Tries until it works, the fault is final or the deadline is reached. `attempt` must be safe to
 * repeat: a lost answer looks like a lost request.
 */
export async function persist<T>(
  deadline: Deadline,
  attempt: () => Promise<T>,
  { onFault, patient = false, tell = false }: PersistOptions = {},
): Promise<T> {
  const patience = new Patience()
  for (let attempts = 1; ; attempts++) {
    patience.nextRound()
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      if (isFinal(error, patience, patient))
        throw error.toError({ table: deadline.table, attempts, tell })
      await onFault?.(error, attempts)
      const pauseMs = backoffMs(attempts, error)
      const { table } = deadline
      retries.publish(() => ({ table, ...toldOf(error), attempt: attempts, pauseMs }))
      await deadline.pause(pauseMs, error, { attempts })
    }
  }
}

function isFinal(fault: Fault, patience: Patience, patient: boolean): fault is RemoteFault {
  if (!(fault instanceof RemoteFault)) return false
  if (patient && fault.remedy === 'probe') return false
  return fault.remedy === 'split' || patience.isFinal(fault)
}
