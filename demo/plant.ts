import type { Witness } from '../services/index.ts'

/** A table the application only reads: what is wrong with it was done by hand. */
export const PLANTED = 'Album'

/** How many faults `plant` makes. */
export const FAULTS = 3

const ALTERED = '100'
const REMOVED = '200'
const ADDED = '4711'

/** Rows worth showing at the end. */
export const plantedKeys: readonly string[] = [ALTERED, REMOVED]

const hex = (text: string): string => Buffer.from(text).toString('hex')

/** Three faults in HBase, made with its own client behind longhaul's back. */
export async function plant(witness: Witness): Promise<string> {
  const table = `shop:${PLANTED}`
  const put = (row: string, qualifier: string, value: string): Promise<void> =>
    witness.put(table, {
      row: hex(row),
      family: hex(PLANTED),
      qualifier: hex(qualifier),
      timestamp: Date.now(),
      value: hex(value),
    })
  await put(ALTERED, 'Title', 'Something else')
  await witness.deleteRow(table, hex(REMOVED), Date.now())
  await put(ADDED, 'AlbumId', ADDED)
  return `${PLANTED} ${ALTERED}: a cell altered; ${PLANTED} ${REMOVED}: deleted; ${PLANTED} ${ADDED}: added`
}
