import { setTimeout as sleep } from 'node:timers/promises'
import { HBaseError } from '../../hbase/index.ts'
import type { HBaseClient } from '../../hbase/index.ts'
import { asBytes, between, oneOf, streamOf } from './random.ts'
import type { Random } from './random.ts'

const MOVE_EVERY_MS = 200
const MOVES_AT_ONCE = 12
const SHAPE_EVERY_MS = 1_000
const META_EVERY_MS = 7_000
/** Splits are more likely below, merges above. */
const USUAL_REGIONS = 12

export interface Disturbing {
  readonly seed: number
  /** Not the one that is tested: an administrator's client learns at once what it has changed. */
  readonly client: HBaseClient
  readonly tables: readonly string[]
  readonly tally: DisturbTally
  readonly going: () => boolean
}

/** What HBase has done; what it refused meanwhile is no fault of the client and not counted as done. */
export interface DisturbTally {
  moves: number
  splits: number
  merges: number
  metaMoves: number
  refused: number
  readonly wrong: string[]
}

/** Moves, splits and merges regions and moves hbase:meta until told to stop. */
export async function disturb(disturbing: Disturbing): Promise<void> {
  await Promise.all([moveRegions(disturbing), changeShape(disturbing), moveMeta(disturbing)])
}

async function moveRegions(disturbing: Disturbing): Promise<void> {
  const random = streamOf(disturbing.seed, 'moves')
  const { client, tables, tally } = disturbing
  const underWay = new Set<Promise<void>>()
  while (disturbing.going()) {
    await sleep(MOVE_EVERY_MS)
    if (underWay.size >= MOVES_AT_ONCE) continue
    const table = oneOf(random, tables)
    const move = attempt(tally, async () => {
      const region = oneOf(random, await client.admin.regions(table))
      await client.admin.move(region, await another(client, random, region.server))
      tally.moves++
    })
    underWay.add(move)
    void move.finally(() => underWay.delete(move))
  }
  await Promise.all(underWay)
}

async function moveMeta({ seed, client, tally, going }: Disturbing): Promise<void> {
  const random = streamOf(seed, 'meta')
  for (let slept = 0; going(); slept += MOVE_EVERY_MS) {
    await sleep(MOVE_EVERY_MS)
    if (slept < META_EVERY_MS) continue
    slept = 0
    await attempt(tally, async () => {
      const meta = oneOf(random, await client.admin.regions('hbase:meta'))
      await client.admin.move(meta, await another(client, random, meta.server))
      tally.metaMoves++
    })
  }
}

async function changeShape({ seed, client, tables, tally, going }: Disturbing): Promise<void> {
  const random = streamOf(seed, 'shape')
  while (going()) {
    await sleep(SHAPE_EVERY_MS)
    const table = oneOf(random, tables)
    await attempt(tally, async () => {
      const regions = await client.admin.regions(table)
      if (random() * 2 * USUAL_REGIONS > regions.length) {
        await client.admin.split(table, asBytes(anyBound(random)))
        tally.splits++
        return
      }
      const at = between(random, 0, regions.length - 2)
      const [left, right] = regions.slice(at, at + 2)
      if (left === undefined || right === undefined) return
      await client.admin.merge(left, right)
      tally.merges++
    })
  }
}

/** Three hexadecimal digits: some of them hold no row, so regions may be small or empty. */
const anyBound = (random: Random): string =>
  `${between(random, 1, 255).toString(16).padStart(2, '0')}-${between(random, 0, 9)}`

async function another(client: HBaseClient, random: Random, server: string): Promise<string> {
  const servers = await client.admin.servers()
  return oneOf(
    random,
    servers.filter((one) => one !== server),
  )
}

/** The cluster may refuse at any time, while it is being hurt; but only with an error of the client's. */
async function attempt(tally: DisturbTally, change: () => Promise<void>): Promise<void> {
  try {
    await change()
  } catch (error) {
    if (error instanceof HBaseError || isNothing(error)) tally.refused++
    else tally.wrong.push(`an administrator's call threw ${String(error)}`)
  }
}

const isNothing = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Nothing to choose from.'
