import type { Admin, HBaseClient } from '../../hbase/index.ts'
import type { Witness } from '../../services/index.ts'
import type { OldClient, OldPackage } from '../hbase-rpc-client/index.ts'

/** One thing that happens to users of a client, told by what the client says of it. */
export interface Case {
  readonly title: string
  readonly expected: string
  /** Which outcomes are as good; exactly the expected one by default. */
  readonly right?: RegExp
  /** How long a client may take; 30 s by default. */
  readonly seconds?: number
  /** Afterwards the process must end by itself. */
  readonly ends?: boolean
  /** Needs the second region server as it was at first; it is started again afterwards. */
  readonly kills?: boolean
  /** Makes the case's table. */
  readonly prepare?: (site: Site) => Promise<void>
  /** What happens while the client works, by name. */
  readonly events?: Readonly<Record<string, (site: Site) => Promise<string>>>
  /** Runs in a process of its own; returns the outcome, an error thrown is the outcome too. */
  readonly old: (side: OldSide) => Promise<string>
  readonly ours: (side: OurSide) => Promise<string>
}

interface Side<Client> {
  readonly client: Client
  /** A further client, which knows nothing yet. */
  readonly fresh: () => Client
  /** For this client and this case alone. */
  readonly table: string
  /** Lets an event happen and returns what it says. */
  readonly ask: (event: string) => Promise<string>
}

export interface OldSide extends Side<OldClient> {
  readonly hb: OldPackage
  readonly fresh: (options?: { readonly tcpNoDelay: boolean }) => OldClient
}

export type OurSide = Side<HBaseClient>

/** Where cases are prepared and events happen: outside of the process under test. */
export interface Site {
  readonly table: string
  readonly client: HBaseClient
  readonly admin: Admin
  /** HBase's own client: tells what is really there. */
  readonly witness: Witness
  /** host:port of the region server with hbase:meta, and of the one that can be killed. */
  readonly first: string
  readonly second: string
  signalSecond(signal: NodeJS.Signals): Promise<void>
}
