import { expect, test } from 'vitest'
import { row, tableOf } from './table.ts'

const report = (total: number, passed: number, failed: number): string =>
  JSON.stringify({ numTotalTests: total, numPassedTests: passed, numFailedTests: failed })

test.each([
  ['all passed', report(3, 3, 0), 0, true],
  ['one failed', report(3, 2, 1), 1, false],
  ['a file broke before its tests', report(3, 3, 0), 1, false],
  ['one was left out', report(3, 2, 0), 0, false],
  ['none ran', report(0, 0, 0), 0, false],
])('a version is good only when every test ran and passed: %s', (_what, text, exitCode, good) => {
  expect(row({ version: '2.6.4', seconds: 1, exitCode, report: text }).good).toBe(good)
})

test('the table says so', () => {
  const good = row({ version: '2.4.18', seconds: 61.4, exitCode: 0, report: report(3, 3, 0) })
  const bad = row({ version: '3.0.0-alpha-4', seconds: 5, exitCode: 1, report: report(3, 2, 1) })
  expect(
    tableOf([good, bad])
      .split('\n')
      .map((line) => line.split(/ +/)),
  ).toEqual([
    ['version', 'tests', 'passed', 'failed', 'seconds'],
    ['2.4.18', '3', '3', '0', '61', 'ok'],
    ['3.0.0-alpha-4', '3', '2', '1', '5', 'FAILED'],
  ])
})
