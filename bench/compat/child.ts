// One case with one client, in a process of its own: an error that a client throws where nobody can
// catch it ends this process, and the parent tells so.
import { once } from 'node:events'
import { HBaseClient } from '../../hbase/index.ts'
import { loadPeer } from '../hbase-rpc-client/index.ts'
import type { OldClient, OldPackage } from '../hbase-rpc-client/index.ts'
import { caseOf } from './cases.ts'
import type { Assignment, Told, Word } from './cases.ts'
import { attempt } from './rows.ts'

const assignment = JSON.parse(process.argv[2] ?? '') as Assignment
const { table } = assignment
const theCase = caseOf(assignment.title)

const outcome = await attempt(() =>
  assignment.side === 'old' ? runOld(loadPeer(assignment.peer)) : runOurs(),
)
say({ kind: 'outcome', text: outcome })
if (theCase.ends === true) process.disconnect()
else await once(process, 'disconnect').then(() => process.exit(0))

function runOld(hb: OldPackage): Promise<string> {
  const fresh = ({ tcpNoDelay } = { tcpNoDelay: true }): OldClient => {
    const client = hb({ zookeeperHosts: [assignment.zookeeper], tcpNoDelay })
    client.on('error', () => {})
    return client
  }
  return theCase.old({ hb, client: fresh(), fresh, table, ask })
}

function runOurs(): Promise<string> {
  const fresh = () => new HBaseClient({ endpoints: [assignment.address] })
  return theCase.ours({ client: fresh(), fresh, table, ask })
}

async function ask(event: string): Promise<string> {
  const answered = once(process, 'message')
  say({ kind: 'ask', event })
  const [told] = (await answered) as [Told]
  return told.text
}

function say(word: Word): void {
  process.send?.(word)
}
