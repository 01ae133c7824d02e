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

test('a changed letter is noticed', () => {
  const sealed = goods.close('7')
  const last = sealed.endsWith('A') ? 'B' : 'A'
  expect(() => goods.open(sealed.slice(0, -2) + last + sealed.slice(-1))).toThrow(
    expect.objectContaining({ code: 'CURSOR_UNREADABLE' }),
  )
})
