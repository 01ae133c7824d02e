import { expect, test } from 'vitest'
import { nearest } from '../../model/nearest.ts'

test.each([
  ['form', ['to', 'from', 'family'], 'from'],
  ['tabels', ['tables', 'limits'], 'tables'],
  ['rowkey', ['rowKey', 'rename'], 'rowKey'],
  ['tp', ['to', 'from'], 'to'],
  ['zookeeper', ['address', 'user'], null],
  ['x', [], null],
])('%s is nearest to one of %j', (word, known, found) => {
  expect(nearest(word, known)).toBe(found)
})
