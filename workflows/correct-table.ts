import type { Mapping } from '../model/mapping.ts'
import type { VerifyReport } from '../model/project.ts'
import { lookedAgain } from '../plan/counts.ts'
import { data } from './proxies.ts'

export interface CorrectTable {
  readonly project: string
  readonly mapping: Mapping
  readonly schemaHash: string
  /** Names the differences in `longhaul:diff`. */
  readonly differences: string
  /** What found them, and where what still differs is to be listed. Left out by earlier releases. */
  readonly found?: VerifyReport
  readonly remaining?: string
  /** Version of the loaded cells. */
  readonly version?: number
}

export interface Corrected {
  readonly enqueued: number
  /** The report as it is now; null when the whole table has to be looked at. */
  readonly report: VerifyReport | null
}

/**
 * Logs a refresh of every key that differs, waits until apply has written them, and looks at these rows again, at no
 * others. It never writes the target itself.
 */
export async function correctTable(input: CorrectTable): Promise<Corrected> {
  const { project, mapping, schemaHash, version = 0, differences, found, remaining } = input
  const table = { project, mapping, schemaHash }
  const { enqueued } = await data(mapping.source, `${mapping.name} correct`).enqueueDifferences({
    ...table,
    differences,
  })
  if (found === undefined || remaining === undefined) return { enqueued, report: null }
  const { verifyListed } = data(mapping.source, `${mapping.name} verify what was corrected`)
  const again = await verifyListed({
    ...table,
    version,
    ...(found.mode === 'count' ? { keysOnly: true } : {}),
    listed: differences,
    differences: remaining,
  })
  const counts = lookedAgain(found, again)
  if (counts === null) return { enqueued, report: null }
  return {
    enqueued,
    report: { ...found, ...counts, differences: remaining, finishedAt: Date.now() },
  }
}
