import { expect } from 'vitest'
import { HBaseError } from '../../../hbase/index.ts'
import type { HBaseClient, Mutation } from '../../../hbase/index.ts'
import { bytes, put, replace, show, text, uniqueName } from '../server.ts'
import { unpacked } from '../unpack.ts'

/** How late the end of a call may be seen on a machine that has more to do. */
const SLACK_MS = 2000

const key = (i: number): string => `${i % 10}-${String(i).padStart(4, '0')}`

/** The rows every table begins with. */
export const firstRows = (rows: number): Mutation[] =>
  Array.from({ length: rows }, (_, i) => put(key(i), 1, `first ${i}`.padEnd(100)))

/** What a call became, and the rows it was told are written. */
export interface Ending {
  readonly error?: HBaseError
  readonly written?: readonly Mutation[]
}

export interface Trip {
  readonly client: HBaseClient
  readonly table: string
  readonly deadlineMs: number
  /** How many rows the table had at first. */
  readonly rows: number
  /** The namespaces it was told are made. */
  readonly made: string[]
}

/** One of every kind of call; each checks what it is answered. */
export const CALLS = {
  async mutate(trip: Trip): Promise<readonly Mutation[]> {
    const rows = newRows('plain', trip.rows / 5, (row) => put(row, 5, row.padEnd(200)))
    expect(await trip.client.mutate(trip.table, rows)).toEqual([])
    return rows
  },

  async atomic(trip: Trip): Promise<readonly Mutation[]> {
    const rows = newRows('atomic', trip.rows / 10, (row) => replace(row, 5, [row, 'second']))
    expect(await trip.client.mutate(trip.table, rows, { atomic: true })).toEqual([])
    return rows
  },

  async get(trip: Trip): Promise<readonly Mutation[]> {
    const asked = Array.from({ length: trip.rows / 8 }, (_, i) => trip.rows - 1 - i * 7)
    const rows = await trip.client.get(trip.table, [
      ...asked.map((i) => bytes(key(i))),
      bytes('no'),
    ])
    expect(rows.map((row) => show(row).trim())).toEqual([...asked.map((i) => `q=first ${i}`), ''])
    return []
  },

  async scan(trip: Trip): Promise<readonly Mutation[]> {
    const pages = trip.client.scan(trip.table, { pageBytes: 4000 })
    await readAll(trip, pages, (page) => page.map(({ row }) => text(row)))
    return []
  },

  async scanPacked(trip: Trip): Promise<readonly Mutation[]> {
    const pages = trip.client.scanPacked(trip.table, { pageBytes: 4000 })
    await readAll(trip, pages, (page) => unpacked(page).map(({ row }) => text(row)))
    return []
  },

  async admin(trip: Trip): Promise<readonly Mutation[]> {
    const described = await trip.client.admin.describe(trip.table)
    expect(described?.families.map(({ name }) => name)).toEqual(['d'])
    return []
  },

  /** A procedure of the master, that must neither be lost nor be run twice. */
  async ddl(trip: Trip): Promise<readonly Mutation[]> {
    const name = uniqueName('wire')
    await trip.client.admin.createNamespace(name)
    trip.made.push(name)
    return []
  },
} as const

export type CallName = keyof typeof CALLS

/** Makes the call; what is no success must be an HBaseError, and come before the deadline. */
export async function ending(name: CallName, trip: Trip): Promise<Ending> {
  const began = performance.now()
  try {
    return { written: await CALLS[name](trip) }
  } catch (error) {
    if (!(error instanceof HBaseError)) throw error
    return { error }
  } finally {
    // A scan has its deadline per page.
    if (name !== 'scan' && name !== 'scanPacked')
      expect(performance.now() - began, name).toBeLessThan(trip.deadlineMs + SLACK_MS)
  }
}

/** Each page comes in time, and the rows that are there from the start are all seen, once and in order. */
async function readAll<Page>(
  { rows, deadlineMs }: Trip,
  pages: AsyncIterable<Page>,
  keysOf: (page: Page) => readonly string[],
): Promise<void> {
  const seen: string[] = []
  let at = performance.now()
  for await (const page of pages) {
    // To the next page: a scanner of the next region may be needed, and then the old one is closed.
    expect(performance.now() - at).toBeLessThan(2 * deadlineMs + SLACK_MS)
    seen.push(...keysOf(page))
    at = performance.now()
  }
  const first = Array.from({ length: rows }, (_, i) => key(i)).sort()
  expect(seen.filter((row) => /^\d-\d{4}$/.test(row))).toEqual(first)
  expect(new Set(seen).size).toBe(seen.length)
}

const newRows = (kind: string, count: number, mutation: (row: string) => Mutation): Mutation[] => {
  const name = uniqueName(kind)
  return Array.from({ length: count }, (_, i) => mutation(`${i % 10}-${name}-${i}`))
}
