import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { join } from 'node:path'
import { compileTo } from './compile.ts'
import { ROOT } from './root.ts'

export interface SpawnOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly stdio: StdioOptions
  /** In a process group of its own. */
  readonly detached?: boolean
}

/**
 * A worker keeps little: pages of rows that live for a moment. These make the engine give that memory back
 * soon; without them the same worker holds twice as much (487 MB instead of 215 MB, 400,000 rows of ten columns).
 * A young generation of 4 MB was too small for the pages in hand: what should have died young was moved, and cost more.
 */
const HEAP = ['--max-semi-space-size=8', '--max-old-space-size=128']
// glibc raises its mmap threshold with every large buffer freed, and keeps them in its heap from then on (mallopt(3))
const ARENAS = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' }

const WORKER = join(ROOT, 'workers', 'main.ts')

/** Starts a worker in a process of its own, from one compiled file; `flags` are those of workers/main.ts. */
export async function spawnWorker(
  flags: readonly string[],
  { env = process.env, stdio, detached = false }: SpawnOptions,
): Promise<ChildProcess> {
  return spawn(process.execPath, [...HEAP, await compileTo('worker.js', WORKER), ...flags], {
    env: { ...ARENAS, ...env },
    stdio,
    detached,
  })
}
