import { expect, test } from 'vitest'
import { readOptions } from '../../demo/options.ts'

test('has a default for everything', () => {
  expect(readOptions([])).toEqual({ rows: 300_000, keep: false, stop: null })
})

test.each(['x', '12', '-5', '1e9', '9999999999'])('refuses --rows=%s in one sentence', (rows) => {
  expect(() => readOptions([`--rows=${rows}`])).toThrow(/^--rows takes a number .*\.$/)
})

test('asks for nothing but help', () => {
  expect(readOptions(['--help'])).toBeNull()
})
