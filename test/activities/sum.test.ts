import { beforeEach, describe, expect, test } from 'vitest'
import { SumStore } from '../../activities/sum-store.ts'
import { comparedSums, type CompareSums } from '../../activities/sum.ts'
import { keptUnder, type Mapping } from '../../model/mapping.ts'
import { Buckets } from '../../plan/buckets.ts'
import { memory } from '../../sinks/memory/index.ts'
import type { Sink } from '../../sinks/sink.ts'

const SUMS = '1@1000'

const into = (target: string): CompareSums => {
  const mapping: Mapping = {
    ...{ name: 'goods', source: 'app', cluster: 'main', anchor: 'shop.goods' },
    ...{ target, families: [], rowKey: {}, accept: [] },
  }
  return { project: 'shop', mapping, schemaHash: '', version: 0, sums: SUMS, ranges: 1 }
}

describe('the sums of two projects that have the same name', () => {
  let sink: Sink
  beforeEach(async () => {
    sink = await memory.open({ store: 'memory', cluster: `sums-${Math.random()}` })
  })

  const sum = async (
    { project, mapping }: CompareSums,
    parts: readonly string[],
  ): Promise<void> => {
    const store = new SumStore(sink, keptUnder(project, mapping), SUMS)
    const buckets = new Buckets()
    buckets.addRow(7, 3, 5n)
    for (const part of parts) {
      expect((await store.sum(part)).rows).toBe(0)
      await store.keepSum(part, { at: null, rows: 1, ended: true, buckets }, 1)
    }
  }

  test('one that concludes takes nothing from the other', async () => {
    const [one, other] = [into('a:goods'), into('b:goods')]
    await sum(one, ['source|0', 'target'])
    await sum(other, ['source|0', 'target'])
    expect(await comparedSums(sink, one)).toMatchObject({ equal: { matched: 1 }, unequal: 0 })
    expect(await comparedSums(sink, other)).toMatchObject({ equal: { matched: 1 }, unequal: 0 })
    // asked again, as after a crash
    expect(await comparedSums(sink, one)).toMatchObject({ equal: { matched: 1 }, unequal: 0 })
  })

  test('a part that is gone is named, and nothing passes for equal', async () => {
    const one = into('a:goods')
    await sum(one, ['source|0'])
    await expect(comparedSums(sink, one)).rejects.toMatchObject({
      code: 'SUMS_LOST',
      detail: 'goods (target)',
    })
  })
})
