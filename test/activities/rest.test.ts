import { expect, test } from 'vitest'
import { Rest } from '../../activities/rest.ts'

test('a log is looked at soon after a change, and ten times a second while there is none', () => {
  const rest = new Rest()
  const some = (): number[] => Array.from({ length: 7 }, () => rest.next())
  expect(some()).toEqual([5, 10, 20, 40, 80, 100, 100])
  rest.end()
  expect(some()).toEqual([5, 10, 20, 40, 80, 100, 100])
})
