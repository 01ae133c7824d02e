import type { Change, DeadLetter } from '../model/change.ts'
import type { SyncError } from '../model/errors.ts'
import { fold, type Folded } from '../plan/fold.ts'
import type { Capture } from '../sources/source.ts'
import { applyTable, type Applying } from './apply-table.ts'
import { isAboutTable } from './route.ts'

export interface ApplyBatch extends Applying {
  readonly capture: Capture
  /** Tables whose changes stay in the log. */
  readonly except: ReadonlySet<string>
  readonly limit: number
  /** Who holds the lease, for those who look at it. */
  readonly owner: string
}

export interface BatchApplied {
  readonly changes: number
  readonly dead: number
  /** Another token was issued meanwhile: nothing was acknowledged, the changes will be read again. */
  readonly fenced: boolean
  /** The number of the newest log row it has read; null when there was none. The same twice: nothing came, and what it acknowledged is still there. */
  readonly newest: bigint | null
  /** Tables that are no longer what they were, and why: nothing of them was acknowledged. */
  readonly halted: ReadonlyMap<string, SyncError>
}

/**
 * One batch of protocol S2 (capture.md 2): token, log, rows, write at the token, acknowledge under the lease.
 * A crash anywhere repeats it with a larger token.
 */
export async function applyBatch(input: ApplyBatch): Promise<BatchApplied> {
  const { capture, except, limit, owner, reached, stations } = input
  const began = performance.now()
  stations.at('source')
  const token = await capture.token(owner)
  await reached('token')
  const changes = await capture.read(limit, except)
  const halted = new Map<string, SyncError>()
  const batch = { dead: 0, fenced: false, newest: changes.at(-1)?.seq ?? null, halted }
  if (changes.length === 0) return { ...batch, changes: 0 }
  await reached('log-read')

  const dead: DeadLetter[] = []
  for (const [table, entries] of byTable(fold(changes))) {
    try {
      dead.push(...(await applyTable(input, { table, entries, token, began })))
    } catch (error) {
      if (!isAboutTable(error)) throw error
      halted.set(table, error)
    }
  }
  const applied: readonly Change[] =
    halted.size === 0 ? changes : changes.filter(({ table }) => !halted.has(table))
  stations.at('source')
  await reached('acknowledge')
  return (await capture.acknowledge(token, applied, dead))
    ? { ...batch, changes: applied.length, dead: dead.length }
    : { ...batch, changes: 0, fenced: true }
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
