import { beforeEach, describe, expect, test } from 'vitest'
import { LogBound } from '../../activities/log-bound.ts'
import type { Capture } from '../../sources/source.ts'
import { MemoryDatabase } from '../explore/database.ts'
import { over } from '../explore/over.ts'
import { atOnce, MemorySource } from '../explore/source.ts'
import { PROJECT, TABLE } from '../explore/table.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a long log', () => {
  let database: MemoryDatabase
  let capture: Capture
  let version = 0

  /** Changes of so many keys, each once; some are there before anything is logged. */
  const change = (keys: number): void => {
    const table = database.table(TABLE.name)
    const transaction = database.begin()
    version++
    for (let id = 0; id < keys; id++) {
      const row = [bytes(String(id)), bytes(String(version)), null]
      if (!transaction.insert(table, row)) transaction.update(table, String(id), row)
    }
    transaction.commit()
  }
  const bound = async (log: Capture = capture): Promise<LogBound> =>
    new LogBound(log, await log.lag())

  beforeEach(async () => {
    database = new MemoryDatabase('append')
    database.create(TABLE)
    capture = new MemorySource(database, atOnce).capture(PROJECT)
    change(70_000)
    await capture.install([TABLE])
  })

  test('is folded where it has more than two rows for each key', async () => {
    for (let i = 0; i < 4; i++) change(20_000)
    const log = await bound()
    expect(log.isLong).toBe(true)
    await log.fold()
    expect(log.lag.changes).toBe(20_000)
    expect(log.isLong).toBe(false)
  })

  test('is left alone where folding would not make it half as long, until it has doubled', async () => {
    change(60_000)
    const log = await bound()
    const { token } = log.lag
    expect(log.isLong).toBe(true)
    await log.fold()
    expect(log.lag.changes).toBe(60_000)
    // No token was taken: nobody was fenced for nothing
    expect((await capture.lag()).token).toBe(token)
    expect(log.isLong).toBe(false)
    change(60_000)
    await log.look()
    expect(log.isLong).toBe(false)
    change(20_000)
    await log.look()
    expect(log.isLong).toBe(true)
  })

  test('what is left of it is looked at anew when half of it was applied', async () => {
    change(70_000)
    for (let i = 0; i < 3; i++) change(20_000)
    const log = await bound()
    await log.fold()
    expect(log.lag.changes).toBe(130_000)
    await capture.acknowledge(await capture.token('test'), await capture.read(70_000))
    await log.look()
    expect(log.isLong).toBe(true)
    await log.fold()
    expect(log.lag.changes).toBe(20_000)
  })

  test('what comes while its keys are counted does not count as known', async () => {
    change(60_000)
    const log: LogBound = await bound(
      over(capture, {
        async waiting() {
          const keys = await capture.waiting()
          for (let i = 0; i < 10; i++) change(20_000)
          await log.look()
          return keys
        },
      }),
    )
    await log.fold()
    expect(log.lag.changes).toBe(260_000)
    expect(log.isLong).toBe(true)
  })
})
