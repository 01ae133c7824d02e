import type { SyncError } from '../model/errors.ts'
import { fold, type Folded } from '../plan/fold.ts'
import type { Capture } from '../sources/source.ts'
import { Acknowledging } from './acknowledging.ts'
import { applyTable, type Applying } from './apply-table.ts'
import { isAboutTable } from './route.ts'

export interface ApplyBatch extends Applying {
  readonly capture: Capture
  /** Tables whose changes stay in the log. */
  readonly except: ReadonlySet<string>
  readonly limit: number
  /** Rows read, written and acknowledged together, while others are. */
  readonly rowsAtOnce?: number
  /** Who holds the lease, for those who look at it. */
  readonly owner: string
}

export interface BatchApplied {
  /** Acknowledged. */
  readonly changes: number
  readonly dead: number
  /** Another token was issued meanwhile: the changes that were not acknowledged by then will be read again. */
  readonly fenced: boolean
  /** The number of the newest log row it has read; null when there was none. The same twice: nothing came, and what it acknowledged is still there. */
  readonly newest: bigint | null
  /** Tables that are no longer what they were, and why: nothing was acknowledged that was not written. */
  readonly halted: ReadonlyMap<string, SyncError>
}

/** Enough to keep both ends busy; so few that little of them is held in memory. */
const ROWS_AT_ONCE = 2000

/**
 * One batch of protocol S2 (capture.md 2): token, log, rows, write at the token, acknowledge under the lease; the last
 * three some rows after the other. A crash anywhere repeats what was not acknowledged, with a larger token.
 */
export async function applyBatch(input: ApplyBatch): Promise<BatchApplied> {
  const { capture, except, limit, owner, reached, stations, rowsAtOnce = ROWS_AT_ONCE } = input
  const began = performance.now()
  stations.at('source')
  const token = await capture.token(owner)
  await reached('token')
  const changes = await capture.read(limit, except)
  const halted = new Map<string, SyncError>()
  const batch = { newest: changes.at(-1)?.seq ?? null, halted }
  if (changes.length === 0) return { ...batch, changes: 0, dead: 0, fenced: false }
  await reached('log-read')

  const acknowledging = new Acknowledging({ capture, token, atOnce: rowsAtOnce, reached })
  try {
    for (const [table, entries] of byTable(fold(changes))) {
      try {
        await applyTable(input, { table, entries, token, began, acknowledging, rowsAtOnce })
      } catch (error) {
        if (!isAboutTable(error)) throw error
        halted.set(table, error)
      }
    }
    stations.at('source')
    await acknowledging.end()
  } finally {
    await acknowledging.settled() // nothing outlives its batch
  }
  return { ...batch, ...acknowledging.acknowledged, fenced: acknowledging.fenced }
}

function byTable(folded: readonly Folded[]): Map<string, Folded[]> {
  const tables = new Map<string, Folded[]>()
  for (const entry of folded) {
    const entries = tables.get(entry.table)
    if (entries === undefined) tables.set(entry.table, [entry])
    else entries.push(entry)
  }
  return tables
}
