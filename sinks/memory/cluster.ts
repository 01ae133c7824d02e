import type { MemoryTable } from './table.ts'
import { DEFAULT_MAX_CELL_BYTES } from '../limits.ts'
import { MARKERS_KEPT_MS } from '../markers.ts'

interface MemoryClusterOptions {
  readonly maxCellBytes?: number
  /** How long markers outlive their version: `hbase.hstore.time.to.purge.deletes`. 0 shows what goes wrong without it. */
  readonly markersKeptMs?: number
  readonly now?: () => number
}

/** What stands behind memory sinks: lives on when they are closed, as a server does. */
export class MemoryCluster {
  readonly tables = new Map<string, MemoryTable>()
  readonly maxCellBytes: number
  markersKeptMs: number
  now: () => number

  constructor(options: MemoryClusterOptions = {}) {
    this.maxCellBytes = options.maxCellBytes ?? DEFAULT_MAX_CELL_BYTES
    this.markersKeptMs = options.markersKeptMs ?? MARKERS_KEPT_MS
    this.now = options.now ?? Date.now
  }

  /** A major compaction of every table: markers older than the retention go, and late writers below them are seen again. */
  compact(): void {
    const purged = this.markersKeptMs === 0 ? Infinity : this.now() - this.markersKeptMs - 1
    for (const table of this.tables.values()) table.compact(purged)
  }

  /** What a reader sees of a table: one line per cell, `"row" family:qualifier@version = "value"`. */
  dump(name: string): string[] {
    const rows = this.tables.get(name)?.page({ from: null, to: null }, Infinity) ?? []
    return rows.flatMap(({ row, cells }) =>
      cells.map(
        ({ family, qualifier, version, value }) =>
          `${quoted(row)} ${text(family)}:${text(qualifier)}@${version} = ${quoted(value)}`,
      ),
    )
  }
}

const clusters = new Map<string, MemoryCluster>()

/** The cluster of this name in this process. */
export function memoryCluster(name: string): MemoryCluster {
  let cluster = clusters.get(name)
  if (cluster === undefined) clusters.set(name, (cluster = new MemoryCluster()))
  return cluster
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const quoted = (bytes: Uint8Array): string => JSON.stringify(text(bytes))
