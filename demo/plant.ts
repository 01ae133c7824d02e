import type { Witness } from '../services/index.ts'
import { customerOf, playsPerCustomer } from './plays.ts'

/** Two plays somewhere in the middle that the writer leaves alone. */
const chosen = (rows: number): readonly [number, number] => {
  const first = Math.floor(rows / 2) - Math.floor(playsPerCustomer(rows) / 3)
  return [first, first + 1]
}

export const plantedPlays = (rows: number): ReadonlySet<number> => new Set(chosen(rows))

/** A row no application ever wrote. */
const STRANGER = { customer: 7, play: 4_000_000_000 }

const hex = (text: string): string => Buffer.from(text).toString('hex')

/** Three faults in HBase, made with its own client: what was done, in words. */
export async function plant(witness: Witness, rows: number): Promise<string[]> {
  const table = 'shop:Play'
  const [altered, removed] = chosen(rows)
  const row = (play: number): string => `${customerOf(play, rows)}|${play}`
  const put = (key: string, qualifier: string, value: string): Promise<void> =>
    witness.put(table, {
      row: hex(key),
      family: hex('Play'),
      qualifier: hex(qualifier),
      timestamp: Date.now(),
      value: hex(value),
    })
  const stranger = `${STRANGER.customer}|${STRANGER.play}`
  await put(row(altered), 'Seconds', '0.001')
  await witness.deleteRow(table, hex(row(removed)), Date.now())
  await put(stranger, 'CustomerId', String(STRANGER.customer))
  await put(stranger, 'PlayId', String(STRANGER.play))
  return [
    `row ${row(altered)}: one cell altered`,
    `row ${row(removed)}: deleted`,
    `row ${stranger}: added`,
  ]
}

/** Rows worth showing at the end: those that were corrected. */
export const plantedKeys = (rows: number): readonly string[] =>
  chosen(rows).map((play) => `${customerOf(play, rows)}|${play}`)
