import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareBytes, equalBytes } from '../../model/bytes.ts'

test('bytes are compared as HBase compares them: unsigned, the shorter first', () => {
  const few = fc.uint8Array({ maxLength: 3 })
  fc.assert(
    fc.property(few, few, (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))
      expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)
    }),
  )
})
