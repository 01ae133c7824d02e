import { expect, test } from 'vitest'
import { gatesOf, maySwitch, type SwitchState } from '../../plan/switchover.ts'

const calm: SwitchState = {
  failed: [],
  unverified: [],
  partly: [],
  different: [],
  dead: 0,
  damage: null,
  lagSeconds: 0,
  maxLagSeconds: 5,
  certificateAgeSeconds: 10,
  certificateMaxAgeSeconds: 600,
  writersStopped: true,
}

test('goes ahead when nothing stands against it', () => {
  expect(maySwitch(gatesOf(calm))).toEqual({ ready: true })
})

test.each<[why: string, state: Partial<SwitchState>, because: RegExp]>([
  ['a table failed', { failed: ['goods'] }, /^a table failed: goods$/],
  ['a table was never verified', { unverified: ['goods'] }, /^not verified yet: goods$/],
  ['only a sample was compared', { partly: ['goods'] }, /^not every cell was compared, .*: goods$/],
  ['rows differ', { different: ['goods', 'line'] }, /^rows differ in: goods, line$/],
  ['rows could not be written', { dead: 3 }, /^3 rows could not be written/],
  ['the certificate is old', { certificateAgeSeconds: 601 }, /601 s old, more than 600 s/],
  ['the lag is too long', { lagSeconds: 6 }, /^lag is 6(\.0)? s, more than 5 s$/],
  ['changes went by', { damage: 'changes may have gone by' }, /^changes may have gone by$/],
  ['nobody stopped the writers', { writersStopped: false }, /nobody confirmed/],
])('refuses when %s', (_why, state, because) => {
  expect(maySwitch(gatesOf({ ...calm, ...state }))).toEqual({
    ready: false,
    because: expect.stringMatching(because) as string,
  })
})

test('tells the first reason that matters when there are several', () => {
  const verdict = maySwitch(gatesOf({ ...calm, dead: 1, lagSeconds: 9, failed: ['goods'] }))
  expect(verdict).toMatchObject({ because: 'a table failed: goods' })
})

test('reads every gate, also those behind the first that refuses', () => {
  const state = { ...calm, failed: ['goods'], dead: 2, lagSeconds: 9 }
  const against = gatesOf(state).filter(({ because }) => because !== null)
  expect(against.map(({ name }) => name)).toEqual(['tables that failed', 'dead letters', 'lag'])
  expect(gatesOf(calm).map(({ name, reading }) => `${name}: ${reading}`)).toEqual([
    'tables that failed: none',
    'tables not verified: none',
    'tables verified in part: none',
    'dead letters: 0',
    'tables with rows that differ: none',
    'certificate: 10 s old, at most 600 s',
    'lag: 0.0 s, at most 5 s',
    'capture: whole',
    'writers: stopped, as confirmed',
  ])
})
