// npm run compat:hbase-rpc-client [-- --only TEXT] [--dry]
// Plays every case with both clients on one HBase of two region servers, and writes the outcomes into
// docs/why-our-own-hbase-client.md. Takes about 6 minutes.
import { Command } from '@commander-js/extra-typings'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HBaseClient } from '../../hbase/index.ts'
import { startWitness } from '../../services/index.ts'
import type { RunningService } from '../../services/index.ts'
import { installPeer, VERSION } from '../hbase-rpc-client/index.ts'
import { startHBase, startRegionServer } from '../server.ts'
import type { OwnServer } from '../server.ts'
import type { Case, Site } from './case.ts'
import { CASES } from './cases.ts'
import type { Assignment, SideName } from './cases.ts'
import { isRight, tableOf, writePage } from './page.ts'
import type { Played } from './page.ts'
import { play } from './play.ts'

const { only, dry } = new Command('compat:hbase-rpc-client')
  .description('hbase-rpc-client and longhaul’s client side by side on a real HBase.')
  .option('--only <text>', 'only cases whose title holds this; writes no page')
  .option('--dry', 'write no page')
  .parse()
  .opts()

let tables = 0
const log = (line: string) => process.stderr.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'longhaul-compat-'))
// The servers end with this process; what they leave is of no use to anybody.
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
// Sessions so short that a killed server is missed within seconds.
const SETTINGS = {
  'hbase.zookeeper.property.tickTime': '500',
  'zookeeper.session.timeout.localHBaseCluster': '10000',
  'zookeeper.session.timeout': '5000',
  'hbase.balancer.period': '86400000',
}
// What a client without a limit of its own is sent at once; 100 MB by default.
const SECOND = { 'hbase.server.scanner.max.result.size': '1000000' }

const peer = await installPeer(log)
const server = await startHBase({ folder, settings: SETTINGS, jvm: [], log })
const client = new HBaseClient({ endpoints: [server.service.address] })
const witness = await startWitness(server.service, log)
const stage = { server, client, witness, peer, second: await second(server, client) }
const chapters: string[] = []
for (const { heading, cases } of CASES) {
  const chosen = cases.filter(({ title }) => title.includes(only ?? ''))
  const played: Played[] = []
  for (const one of chosen) played.push(await playBoth(one, stage))
  if (played.length > 0) chapters.push(`### ${heading}\n\n${tableOf(played)}`)
  process.exitCode ??= played.every(({ one, ours }) => isRight(one, ours)) ? undefined : 1
}
const text = [about(server.service.version), ...chapters].join('\n\n')
process.stdout.write(`${text}\n`)
if (only === undefined && dry === undefined) log(`written: ${await writePage(text)}`)
await witness.close()
await client.close()
await stage.second.stop()
await server.service.stop()

interface Stage {
  readonly server: OwnServer
  readonly client: HBaseClient
  readonly witness: Site['witness']
  readonly peer: string
  second: RunningService
}

function second(server: OwnServer, client: HBaseClient): Promise<RunningService> {
  const options = { folder: join(folder, 'second'), settings: SECOND, jvm: [], log }
  return startRegionServer(server, client, options)
}

async function playBoth(one: Case, stage: Stage): Promise<Played> {
  const old = await playOne(one, 'old', stage)
  const ours = await playOne(one, 'ours', stage)
  log(`${one.title}\n    expected          ${one.expected}`)
  log(`    hbase-rpc-client  ${old}\n    longhaul          ${ours}`)
  return { one, old, ours }
}

async function playOne(one: Case, side: SideName, stage: Stage): Promise<string> {
  const { server, client, witness } = stage
  const { address, zookeeper = '', regionServer = '' } = server.service
  // Far from each other: the package takes the rows of the next table in hbase:meta for its own.
  const table = `${String.fromCharCode(97 + ((tables * 2) % 26))}${side}${tables++}`
  const site: Site = {
    ...{ table, client, admin: client.admin, witness },
    ...{ first: regionServer, second: stage.second.address },
    signalSecond: (signal) => stage.second.kill(signal),
  }
  await one.prepare?.(site)
  const assignment: Assignment = {
    ...{ title: one.title, side, table, address, zookeeper, peer: stage.peer },
  }
  const outcome = await play(one, assignment, site)
  if (one.kills === true) stage.second = await second(server, client)
  await drop(client, table)
  // The name of the table is another one in every run.
  return outcome.replaceAll(table, 't')
}

async function drop(client: HBaseClient, prefix: string): Promise<void> {
  for (const table of await client.admin.listTables()) {
    if (!table.startsWith(prefix)) continue
    await client.admin.disable(table)
    await client.admin.deleteTable(table)
  }
}

function about(version: string): string {
  const day = new Date().toISOString().slice(0, 10)
  return (
    `\`hbase-rpc-client\` ${VERSION} (with \`tcpNoDelay: true\` where nothing else is said) and ` +
    `longhaul’s client on HBase ${version} with two region servers, Node ${process.versions.node}, ` +
    `${day}. What is not as expected is bold.`
  )
}
