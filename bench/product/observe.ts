import { setTimeout as sleep } from 'node:timers/promises'
import type { HBaseClient } from '../../hbase/index.ts'
import { clockMs } from './clock.ts'
import { CLOCK_SLOTS } from './clock-table.ts'
import { Sightings } from './sightings.ts'

/** Rows of one Get; the oldest changes come first. */
const MOST_KEYS = 500
/** Between two looks, so that looking does not take the machine for itself. */
const PAUSE_MS = 2
/** After the last change was due. */
const PATIENCE_MS = 60_000

export interface Plan {
  /** Changes a second. */
  readonly rate: number
  readonly count: number
  /** The number of the first one. */
  readonly first: number
  /** When it is due. */
  readonly at: number
}

export interface Observed {
  /** When a Get first saw each change, in ms from the first one's time. */
  readonly seen: Float64Array
  /** From the beginning of the look before to the end of one: within that time what it saw became visible. */
  readonly looks: readonly number[]
}

/** Asks HBase for what is due and not seen yet, again and again. */
export async function observe(client: HBaseClient, target: string, plan: Plan): Promise<Observed> {
  const { rate, count, first, at } = plan
  const sightings = new Sightings(CLOCK_SLOTS, first, count)
  const looks: number[] = []
  const end = at + (count / rate) * 1000 + PATIENCE_MS
  let before = clockMs()
  while (!sightings.isComplete) {
    const began = clockMs()
    if (began > end) throw new Error('Changes are not seen in HBase')
    const due = Math.min(count, Math.floor(((began - at) * rate) / 1000) + 1)
    const slots = sightings.waiting(due, MOST_KEYS)
    if (slots.length > 0) {
      const rows = await client.get(
        target,
        slots.map((slot) => Buffer.from(String(slot))),
      )
      const now = clockMs()
      looks.push(now - before)
      for (const [i, row] of rows.entries())
        sightings.saw(slots[i] ?? 0, numberIn(row?.cells ?? []), now - at)
    }
    before = began
    await sleep(PAUSE_MS)
  }
  return { seen: sightings.times, looks }
}

type Cells = readonly { readonly qualifier: Uint8Array; readonly value: Uint8Array }[]

const numberIn = (cells: Cells): number => {
  const cell = cells.find(({ qualifier }) => Buffer.from(qualifier).toString() === 'n')
  return cell === undefined ? -1 : Number(Buffer.from(cell.value).toString())
}
