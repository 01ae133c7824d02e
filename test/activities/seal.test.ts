import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sealFor } from '../../activities/seal.ts'

const goods = sealFor('secret of shop', 'shop/goods')

test('a position is opened again, whatever the key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (key) => {
      expect(goods.open(goods.close(key))).toBe(key)
    }),
  )
})

test('nothing of the key can be read in it, and the same key is never sealed alike', () => {
  const sealed = goods.close('customer-4711')
  expect(Buffer.from(sealed.slice(3), 'base64url').toString('latin1')).not.toContain('4711')
  expect(goods.close('customer-4711')).not.toBe(sealed)
})

test.each([
  ['another secret', sealFor('other secret', 'shop/goods')],
  ['another table', sealFor('secret of shop', 'shop/line')],
])('it does not open for %s', (_what, other) => {
  expect(() => other.open(goods.close('7'))).toThrow(
    expect.objectContaining({ code: 'CURSOR_UNREADABLE' }),
  )
})

test('a changed bit is noticed, wherever it is', () => {
  const sealed = goods.close('7')
  const bytes = Buffer.from(sealed.slice(3), 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(() => goods.open(`c1.${changed.toString('base64url')}`)).toThrow(
      expect.objectContaining({ code: 'CURSOR_UNREADABLE' }),
    )
  }
})
