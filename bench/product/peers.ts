import { openCannon } from './cannon.ts'
import { comparison } from './comparison.ts'
import type { Goals } from './comparison.ts'
import { dropSource, fillSource } from './farm.ts'
import type { Farm } from './farm.ts'
import type { Kind, Outcome, Sizes } from './kind.ts'
import { startLonghaul } from './longhaul.ts'
import { openRpc } from './rpc.ts'
import { openSqoop } from './sqoop.ts'
import { runPair } from './series.ts'
import type { Pair } from './series.ts'
import type { System } from './system.ts'
import { workloadOf } from './workloads.ts'

interface Peer {
  readonly name: string
  readonly what: string
  readonly goals: Goals
  readonly open: (farm: Farm) => Promise<() => System>
  /** Of a peer that is too slow for all. */
  readonly rows?: (sizes: Sizes) => number
  /** Where it cannot make the row keys of the others. */
  readonly salt?: null
}

const PEERS: readonly Peer[] = [
  {
    name: 'cannon',
    what: 'a cannon, which only sends rows that longhaul’s client has packed beforehand: more than it reaches puts cannot',
    goals: { rate: { least: 0.85 } },
    open: openCannon,
  },
  {
    name: 'hbase-rpc-client',
    what: 'a loader of mysql2 and hbase-rpc-client, 1,000 puts at a time',
    goals: {},
    open: openRpc,
    rows: ({ slowRows }) => slowRows,
  },
  {
    name: 'sqoop',
    what: 'Sqoop 1.4.7 with two mappers in Hadoop’s local mode and the HBase client 1.4 it was made for; neither side salts its row keys. Its second job in one JVM is the warm one',
    goals: { rate: { least: 2 } },
    open: openSqoop,
    salt: null,
  },
]

export const peers: Kind = {
  name: 'peers',
  about: 'longhaul beside other loaders than that in Java',
  async run({ farm, witness, sizes }) {
    const orders = workloadOf('orders')
    const { rows } = sizes
    await fillSource(farm, orders, rows)
    const outcomes: Outcome[] = []
    for (const peer of PEERS) {
      const theirs = await peer.open(farm)
      const few = peer.rows?.(sizes)
      const theirRows = few === undefined ? {} : { theirRows: Math.min(few, rows) }
      const workload = peer.salt === null ? { ...orders, salt: null } : orders
      const ground = { farm, witness, workload, rows }
      const pairs: Pair[] = []
      for (let i = 1; i <= sizes.pairs; i++) {
        farm.log(`${peer.name}: pair ${i} of ${sizes.pairs}`)
        pairs.push(await runPair({ ground, ours: () => startLonghaul(farm), theirs, ...theirRows }))
      }
      outcomes.push(outcomeOf(peer, pairs))
    }
    await dropSource(farm, orders)
    return outcomes
  },
}

function outcomeOf({ name, what, goals }: Peer, pairs: readonly Pair[]): Outcome {
  const [first] = pairs
  const [ours, theirs] = [first?.warm.ours.rows ?? 0, first?.warm.theirs.rows ?? 0]
  const rows = ours === theirs ? `${ours} rows` : `${ours} rows, ${theirs} of the peer,`
  return comparison(pairs, {
    name: `peer-${name}`,
    title: `longhaul beside ${name}`,
    about: `${rows} of ${workloadOf('orders').about}, pairs: ${pairs.length}. The peer is ${what}`,
    peer: name,
    goals,
  })
}
