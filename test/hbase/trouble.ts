import { createServer } from 'node:net'
import { expect } from 'vitest'
import { at } from '../../hbase/at.ts'
import type { HBaseClient } from '../../hbase/index.ts'
import { holds } from '../../hbase/region.ts'
import { bytes } from './server.ts'

/** ::1 wherever there is one, so that what is tested there is tested with IPv6. */
export function loopback(): Promise<string> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve('127.0.0.1')
    })
    server.listen(0, '::1', () => {
      server.close(() => {
        resolve('::1')
      })
    })
  })
}

/** The one region of hbase:meta. */
export const META = { table: 'hbase:meta', encodedName: '1588230740' }

/** Another server than the one given. */
export async function elsewhere(client: HBaseClient, server: string): Promise<string> {
  const others = (await client.admin.servers()).filter((other) => other !== server)
  return at(others, Math.floor(Math.random() * others.length))
}

export async function regionOf(client: HBaseClient, table: string, row: string) {
  const regions = await client.admin.regions(table)
  const found = regions.find((region) => holds(region, bytes(row)))
  if (found === undefined) throw new Error('no region')
  return found
}

export interface Done {
  move: number
  split: number
  merge: number
  meta: number
}

/** Two moves, then a split and a move of hbase:meta, or a merge; for tables whose rows begin with a digit. */
export async function trouble(
  client: HBaseClient,
  table: string,
  round: number,
  done: Done,
): Promise<void> {
  for (let move = 0; move < 2; move++) {
    const region = await regionOf(client, table, `${Math.floor(Math.random() * 10)}-`)
    await client.admin.move(region, await elsewhere(client, region.server))
    done.move++
  }
  if (round % 2 === 1) {
    if (await mergeSome(client, table)) done.merge++
    return
  }
  if (await mayBeRefused(client.admin.split(table, bytes(`${round + 1}-1-${round}`)))) done.split++
  const [meta] = await client.admin.regions(META.table)
  await client.admin.move(META, await elsewhere(client, meta?.server ?? ''))
  done.meta++
}

async function mergeSome(client: HBaseClient, table: string): Promise<boolean> {
  const regions = await client.admin.regions(table)
  for (const [i, right] of regions.entries()) {
    const left = regions[i - 1]
    if (left !== undefined && (await mayBeRefused(client.admin.merge(left, right)))) return true
  }
  return false
}

/** What came out of a split or merge is not split or merged again before a compaction has freed it. */
async function mayBeRefused(change: Promise<void>): Promise<boolean> {
  try {
    await change
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'REMOTE' })
    return false
  }
}
