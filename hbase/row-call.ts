import { ConnectionFault, SlowCall, isElsewhere } from './faults.ts'
import type { Fault } from './faults.ts'
import type { Deadline } from './deadline.ts'
import { HBaseError } from './errors.ts'
import type { Method, Reply } from './call.ts'
import type { Region } from './region.ts'
import type { Wires } from './wires.ts'
import { assigned } from './locator.ts'
import { persist } from './persist.ts'
import { requestOf } from './call.ts'

export interface RowCall<Q> {
  readonly table: string
  readonly row: Uint8Array
  readonly method: Method<Q, unknown>
  /** False when a repetition could be told from the first time: then a lost answer is OUTCOME_UNKNOWN. */
  readonly repeatable: boolean
  readonly question: (region: Region) => Q
}

/** Sends a call to the region of a row, wherever it is by then; throws what is final. */
export function callRow<Q, T>(
  { pool, locator }: Pick<Wires, 'pool' | 'locator'>,
  { table, row, method, repeatable, question }: RowCall<Q>,
  deadline: Deadline,
  read: (reply: Reply, region: Region) => T,
): Promise<T> {
  let region: Region | undefined
  const attempt = async () => {
    region = assigned(await locator.locate(table, row, deadline))
    const request = requestOf(method, question(region))
    return read(await pool.send(region.server, 'ClientService', request, deadline), region)
  }
  return persist(deadline, attempt, {
    onFault: async (fault, tries) => {
      if (!repeatable && isUnknown(fault)) {
        throw new HBaseError('OUTCOME_UNKNOWN', { table, detail: fault.message, cause: fault })
      }
      if (region !== undefined) locator.learn(fault, region)
      if (isElsewhere(fault)) await locator.checkNowAndThen(tries, table, deadline)
    },
  })
}

/** Was the answer lost, so that nobody knows whether the change was made? */
const isUnknown = (fault: Fault): boolean =>
  fault instanceof ConnectionFault || fault instanceof SlowCall
