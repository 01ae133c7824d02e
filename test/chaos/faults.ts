import { setTimeout as sleep } from 'node:timers/promises'
import { HBaseClient, HBaseError } from '../../hbase/index.ts'
import type { FaultKind, FaultPlan } from './fault-plan.ts'
import type { Ground } from './ground.ts'
import type { Servers } from './servers.ts'
import type { Workers } from './workers.ts'

export interface Scene {
  readonly servers: Servers
  readonly ground: Ground
  readonly workers: Workers
  readonly log: (line: string) => void
}

type Fault = (scene: Scene, plan: FaultPlan) => Promise<void>

/** Each resolves when what it has taken away is back. */
const DEEDS: Readonly<Record<FaultKind, Fault>> = {
  'kill worker': ({ workers }, { at, awayMs }) => workers.kill(at, awayMs),
  'freeze worker': ({ workers }, { at, awayMs }) => workers.freeze(at, awayMs),
  'kill Temporal': ({ servers }, { awayMs }) =>
    servers.restart('temporal', { signal: 'SIGKILL', awayMs }),
  'kill HBase': ({ servers }, { awayMs }) =>
    servers.restart('hbase', { signal: 'SIGKILL', awayMs }),
  'stop HBase': ({ servers }, { awayMs }) =>
    servers.restart('hbase', { signal: 'SIGTERM', awayMs }),
  'kill database': ({ servers }, { awayMs }) =>
    servers.restart('database', { signal: 'SIGKILL', awayMs }),
  'restart database': ({ servers }, { awayMs }) =>
    servers.restart('database', { signal: 'SIGTERM', awayMs }),
  'kill connections': killConnections,
  flush: (scene, plan) =>
    ofTable(scene, plan, async ({ admin }, table) => {
      await admin.flush(table)
    }),
  compact: (scene, plan) =>
    ofTable(scene, plan, async ({ admin }, table) => {
      await admin.flush(table)
      await admin.compact(table, { major: true })
    }),
  split: (scene, plan) => ofTable(scene, plan, split),
  'reopen regions': (scene, plan) => ofTable(scene, plan, move),
  'fold the log': foldLog,
}

export const commit = (scene: Scene, plan: FaultPlan): Promise<void> =>
  DEEDS[plan.kind](scene, plan)

/** All of the product's, or every third of all, whatever they are doing. */
async function killConnections({ servers, ground }: Scene, { choice }: FaultPlan): Promise<void> {
  const rows = await servers.ask(
    // INFORMATION_SCHEMA.PROCESSLIST fails where a statement has letters that its column cannot hold
    'show full processlist',
  )
  const own = rows.filter(({ User, db }) => User === ground.name || db === ground.name)
  const isHit = ({ User }: Record<string, string>, i: number): boolean =>
    choice % 2 === 0 ? User === ground.name : (i + choice) % 3 === 0
  for (const { Id = '' } of own.filter(isHit))
    await servers.ask(`kill ${Id}`).catch(() => undefined)
}

/** What a compactor does beside the worker: it takes a token, which fences whoever applies. */
async function foldLog({ ground }: Scene, { choice }: FaultPlan): Promise<void> {
  const source = await ground.source()
  try {
    const capture = source.capture(ground.name)
    for (let times = 1 + (choice % 3); times > 0; times--) {
      await capture.compact(await capture.token('chaos'), 20 + (choice % 2_000))
      await sleep(200)
    }
  } finally {
    await source.close()
  }
}

const HBASE_PATIENCE_MS = 15_000

/** What HBase refuses, as a split that is under way already, is no fault that was done; nor is it one of the product. */
async function ofTable(
  { servers, ground, log }: Scene,
  { choice }: FaultPlan,
  deed: (client: HBaseClient, table: string, choice: number) => Promise<void>,
): Promise<void> {
  const { tables } = ground.project
  const target = tables[choice % tables.length]?.target
  if (target === undefined) return
  const client = new HBaseClient({
    endpoints: [servers.hbase.address],
    operationTimeoutMs: HBASE_PATIENCE_MS,
  })
  try {
    await deed(client, target, choice)
  } catch (error) {
    if (!(error instanceof HBaseError)) throw error
    log(`HBase refuses: ${error.message}`)
  } finally {
    await client.close()
  }
}

/** Every region goes to another server, one after the other; they are reopened where there is only one. */
async function move(client: HBaseClient, table: string, choice: number): Promise<void> {
  const servers = await client.admin.servers()
  if (servers.length < 2) return reopen(client, table, choice)
  for (const region of await client.admin.regions(table)) {
    const others = servers.filter((server) => server !== region.server)
    await client.admin.move(region, others[choice % others.length])
  }
}

/** An alteration closes every region and opens it again, as a move does. */
async function reopen({ admin }: HBaseClient, table: string, choice: number): Promise<void> {
  const described = await admin.describe(table)
  if (described === null) return
  const families = described.families.map((family) => ({
    ...family,
    attributes: { ...family.attributes, BLOCKSIZE: String(32_768 + (choice % 1_000)) },
  }))
  await admin.modifyTable({ ...described, families })
}

/** At a row that is there, so that both halves have some. */
async function split(client: HBaseClient, table: string, choice: number): Promise<void> {
  const rows: Uint8Array[] = []
  for await (const page of client.scan(table)) {
    rows.push(...page.map(({ row }) => row))
    if (rows.length > 300) break
  }
  const row = rows[choice % Math.max(1, rows.length)]
  if (row !== undefined) await client.admin.split(table, row)
}
