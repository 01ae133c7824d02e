import { setTimeout as sleep } from 'node:timers/promises'
import type { KeyText } from '../model/value.ts'
import type { Capture } from '../sources/source.ts'
import { beating } from './beat.ts'
import type { ActivityContext } from './context.ts'
import { readDifferences } from './differences.ts'
import type { TableInput } from './route.ts'

export interface EnqueueDifferences extends TableInput {
  readonly differences: string
}

const POLL_MS = 200
/** Apply is given this long to write what was enqueued; the verification that follows judges. */
const PATIENCE_MS = 120_000
const DEAD_AT_ONCE = 100_000

export const correctActivities = (context: ActivityContext) => ({
  /** Logs a refresh of each key that differs and waits until apply has written them. Repeating it only writes them again. */
  async enqueueDifferences(input: EnqueueDifferences): Promise<{ enqueued: number }> {
    const { project, mapping, differences } = input
    const sink = await context.sink(mapping.cluster)
    const capture = (await context.source(mapping.source)).capture(project)
    let enqueued = 0
    await beating(
      () => ({ rows: enqueued }),
      async (signal) => {
        for await (const page of readDifferences(sink, differences)) {
          const keys = page.flatMap(({ key }) => key ?? [])
          await capture.enqueue(mapping.anchor, keys)
          await drained(capture, mapping.anchor, keys, signal)
          enqueued += keys.length
        }
      },
    )
    return { enqueued }
  },

  /** Gives every dead letter another try: what made it fail may have been mended. */
  async retryDead({
    project,
    source,
  }: {
    project: string
    source: string
  }): Promise<{ retried: number }> {
    const capture = (await context.source(source)).capture(project)
    const tables = new Map<string, KeyText[]>()
    for (const { table, key } of await capture.dead(DEAD_AT_ONCE))
      tables.set(table, [...(tables.get(table) ?? []), key])
    let retried = 0
    await beating(
      () => ({ rows: retried }),
      async (signal) => {
        for (const [table, keys] of tables) {
          await capture.enqueue(table, keys)
          await drained(capture, table, keys, signal)
          retried += keys.length
        }
      },
    )
    return { retried }
  },
})

async function drained(
  capture: Capture,
  table: string,
  keys: readonly KeyText[],
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  while (performance.now() < until && (await capture.pending(table, keys)).size > 0)
    await sleep(POLL_MS, undefined, { signal })
}
