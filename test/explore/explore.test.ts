import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CONTROLS } from './controls.ts'
import { exploreSeeds, exploreSmall, firstToNotice, gameOf, noTotals } from './explore.ts'
import { play } from './world.ts'

/** `npm run explore` plays 100,000; a control that is not found in so many would not be worth much. */
const INTERLEAVINGS = 3_000
const MOST = 20_000

// An answer that never comes is an error, and its trace costs more than all the rest
const traces = Error.stackTraceLimit
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = traces))

test('load and apply lose nothing, whoever goes on when, dies, or is answered late', async () => {
  const totals = noTotals()
  await exploreSeeds(totals, 1, INTERLEAVINGS)
  expect(totals.wrong).toEqual([])
  expect(totals.schedules.size).toBeGreaterThan(0.99 * INTERLEAVINGS)
})

test('nothing is lost in any of the first interleavings of the small plans', async () => {
  const totals = noTotals()
  await exploreSmall(totals, 200)
  expect(totals.wrong).toEqual([])
  expect(totals.schedules.size).toBeGreaterThan(0.95 * totals.played)
})

describe('controls: without a mechanism, something is lost', () => {
  test.each(Object.entries(CONTROLS))('%s', async (_name, control) => {
    expect(await firstToNotice(control, MOST)).toBeGreaterThan(0)
  })
})

test('an interleaving is played again step by step, by its seed or by its choices', async () => {
  for (const place of ['17', '1002', '4:0.1.1']) {
    const [one, two] = [gameOf(place), gameOf(place)]
    const first = await play(one.plan, one.scheduler)
    expect(first.steps.length).toBeGreaterThan(5)
    expect(await play(two.plan, two.scheduler)).toEqual(first)
  }
  expect(() => gameOf('99:0')).toThrow('is no interleaving')
  expect(() => gameOf('a')).toThrow('is no interleaving')
})
