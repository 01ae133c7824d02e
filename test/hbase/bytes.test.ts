import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareBytes } from '../../hbase/bytes.ts'

test('compares like Buffer.compare, whatever the length', () => {
  const rows = fc.uint8Array({ maxLength: 80 })
  const beginning = fc.uint8Array({ maxLength: 40 })
  fc.assert(
    fc.property(beginning, rows, rows, (head, a, b) => {
      const [left, right] = [Buffer.concat([head, a]), Buffer.concat([head, b])]
      expect(Math.sign(compareBytes(left, right))).toBe(Buffer.compare(left, right))
    }),
  )
})
