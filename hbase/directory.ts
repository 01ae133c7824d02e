import type { Deadline } from './deadline.ts'
import { Fault } from './faults.ts'
import type { ServerNameValue } from './wire/messages.ts'

/** What only the cluster as a whole knows. */
export type Role = 'master' | 'server of hbase:meta'

/** Who can be asked where the cluster's one master and the one server of hbase:meta are. */
export interface Directory {
  /** One try. Throws a Fault while nobody knows. */
  find(role: Role, deadline: Deadline): Promise<ServerNameValue>
  /** Brings up to date whom to ask, when that is due; in the background. */
  renew(deadline: Deadline): void
}

/** The cluster is up but has not elected or assigned what was asked for. */
export class NotYet extends Fault {
  readonly remedy = 'wait'
  override readonly name = 'NotYet'
}
