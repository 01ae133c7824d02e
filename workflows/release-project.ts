import type { Mapping } from '../model/mapping.ts'
import { cleanup, control } from './proxies.ts'

export interface ReleaseProject {
  readonly project: string
  readonly tables: readonly Pick<Mapping, 'source'>[]
}

/** Stops the applier, then takes triggers, log rows and lease out of every source. Safe to repeat. */
export async function releaseProject({
  project,
  tables,
}: ReleaseProject): Promise<{ sources: string[] }> {
  await control().stopApply({ project })
  const sources = [...new Set(tables.map((table) => table.source))]
  for (const source of sources)
    await cleanup(source, `release ${source}`).removeCapture({ project, source })
  return { sources }
}
