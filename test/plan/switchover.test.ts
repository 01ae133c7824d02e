import { expect, test } from 'vitest'
import { maySwitch, type SwitchState } from '../../plan/switchover.ts'

const calm: SwitchState = {
  failed: [],
  unverified: [],
  different: [],
  dead: 0,
  lagSeconds: 0,
  maxLagSeconds: 5,
  certificateAgeSeconds: 10,
  certificateMaxAgeSeconds: 600,
  writersStopped: true,
}

test('goes ahead when nothing stands against it', () => {
  expect(maySwitch(calm)).toEqual({ ready: true })
})

test.each<[why: string, state: Partial<SwitchState>, because: RegExp]>([
  ['a table failed', { failed: ['goods'] }, /^a table failed: goods$/],
  ['a table was never verified', { unverified: ['goods'] }, /^not verified yet: goods$/],
  ['rows differ', { different: ['goods', 'line'] }, /^rows differ in: goods, line$/],
  ['rows could not be written', { dead: 3 }, /^3 rows could not be written/],
  ['the certificate is old', { certificateAgeSeconds: 601 }, /601 s old, more than 600 s/],
  ['the lag is too long', { lagSeconds: 6 }, /^lag is 6(\.0)? s, more than 5 s$/],
  ['nobody stopped the writers', { writersStopped: false }, /nobody confirmed/],
])('refuses when %s', (_why, state, because) => {
  expect(maySwitch({ ...calm, ...state })).toEqual({
    ready: false,
    because: expect.stringMatching(because) as string,
  })
})

test('tells the first reason that matters when there are several', () => {
  const verdict = maySwitch({ ...calm, dead: 1, lagSeconds: 9, failed: ['goods'] })
  expect(verdict).toMatchObject({ because: 'a table failed: goods' })
})
