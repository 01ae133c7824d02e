import type { Mapping } from '../model/mapping.ts'
import { data } from './proxies.ts'

export interface CorrectTable {
  readonly project: string
  readonly mapping: Mapping
  readonly schemaHash: string
  /** Names the differences in `longhaul:diff`. */
  readonly differences: string
}

/** Logs a refresh of every key that differs and waits until apply has written them; it never writes the target itself. */
export async function correctTable(input: CorrectTable): Promise<{ enqueued: number }> {
  const { mapping } = input
  return data(mapping.source, `${mapping.name} correct`).enqueueDifferences(input)
}
