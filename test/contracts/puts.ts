import { describe, expect, test } from 'vitest'
import { UNHELD } from '../../model/mutation.ts'
import type { Puts, Rejected, Sink, Target } from '../../sinks/sink.ts'
import { bytes, put } from './rows.ts'

export interface WritingSandbox {
  readonly sink: () => Sink
  readonly maxCellBytes: () => number
  /** An empty table's name. */
  readonly prepared: (over?: Partial<Target>) => Promise<string>
  /** What is in it. */
  readonly rows: (table: string) => Promise<Record<string, string>>
}

const name4 = (i: number): string => `r${String(i).padStart(4, '0')}`

/** What every sink must do with rows that are given value by value. */
export function putsContract({ sink, maxCellBytes, prepared, rows }: WritingSandbox): void {
  describe('rows given value by value', () => {
    const COLUMNS = ['a', 'b', 'big'].map((name) => ({
      family: bytes('f'),
      qualifier: bytes(name),
    }))
    const given = (puts: Puts, row: string, ...values: (string | Uint8Array | null)[]): void => {
      const key = bytes(`<${row}>`)
      puts.row(key, 1, key.length - 1)
      key.fill(0)
      for (const [no, value] of values.entries()) {
        if (value === null) continue
        if (typeof value !== 'string') puts.cell(no, value, 0, value.length)
        else puts.cell(no, bytes(`<${value}>`), 1, 1 + bytes(value).length)
      }
    }

    test('are put at their version, each with the cells it was given', async () => {
      const table = await prepared({ splits: [bytes('m')] })
      await sink().write(table, [put('z', 5, { 'f:a': 'older', 'g:a': 'other' })], { atomic: true })
      for (const version of [10, 11]) {
        const puts = sink().puts(table, COLUMNS, version)
        given(puts, 'a', '1', null)
        given(puts, 'none')
        given(puts, 'z', '2', '')
        expect(await puts.write()).toEqual([])
        expect(await rows(table)).toEqual({
          a: `f:a@${version}=1`,
          z: `f:a@${version}=2 f:b@${version}= g:a@5=other`,
        })
      }
    })

    test('come to the same as mutations do', async () => {
      const [one, other] = [await prepared(), await prepared()]
      const all = Array.from({ length: 3000 }, (_, i) => name4((i * 7919) % 3000))
      const puts = sink().puts(one, COLUMNS, 10)
      for (const name of all) given(puts, name, name, 'x')
      await puts.write()
      await sink().write(
        other,
        all.map((name) => put(name, 10, { 'f:a': name, 'f:b': 'x' })),
        { atomic: false },
      )
      expect(await rows(one)).toEqual(await rows(other))
    })

    test('are refused one by one', async () => {
      const table = await prepared()
      const large = 'secret'.repeat(maxCellBytes() / 6 + 1)
      const puts = sink().puts(table, COLUMNS, 10)
      given(puts, 'a', '1', null)
      given(puts, 'b', '1', null, large)
      given(puts, '', '1')
      given(puts, 'c'.repeat(32_768), '1')
      given(puts, 'd', '1', UNHELD)
      given(puts, 'e', '1', '2')
      const rejected = await puts.write()
      expectRefusedOnes(rejected)
      expect(await rows(table)).toEqual({ a: 'f:a@10=1', e: 'f:a@10=1 f:b@10=2' })
    })

    test('are all refused at a version that is none', async () => {
      const table = await prepared()
      const puts = sink().puts(table, COLUMNS, -2)
      given(puts, 'a', '1')
      given(puts, 'b', '1')
      expect((await puts.write()).map(({ index }) => index)).toEqual([0, 1])
    })

    test('are not written where the table is missing, or the family', async () => {
      const table = 'longhaul_contract:none'
      const puts = sink().puts(table, COLUMNS, 10)
      given(puts, 'a', '1')
      await expect(puts.write()).rejects.toMatchObject({ code: 'TARGET_MISSING' })
      const there = await prepared({ families: ['g'] })
      const others = sink().puts(there, COLUMNS, 10)
      given(others, 'a', '1')
      await expect(others.write()).rejects.toMatchObject({ code: 'TARGET_FAMILIES' })
    })
  })
}

/** Of six rows those in the middle, for a cell, two keys and a value; no reason holds what was in them. */
export function expectRefusedOnes(rejected: readonly Rejected[]): void {
  expect(rejected.map(({ index }) => index).sort()).toEqual([1, 2, 3, 4])
  const reasons = rejected.map(({ reason }) => reason).join('\n')
  expect(reasons).toMatch(/f:big needs \d+ bytes/)
  expect(reasons).toContain('f:b has a value that its codec cannot hold')
  expect(reasons).not.toContain('secret')
}
