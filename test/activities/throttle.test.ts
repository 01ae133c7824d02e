import { expect, test } from 'vitest'
import { throttle } from '../../activities/throttle.ts'

const { signal } = new AbortController()

test('keeps a stream at its rate', async () => {
  const pause = throttle(() => 1000)
  const began = performance.now()
  for (let page = 0; page < 5; page++) await pause(100, signal)
  const ms = performance.now() - began
  expect(ms).toBeGreaterThan(450)
})

test('does not wait without a rate', async () => {
  const pause = throttle(() => null)
  const began = performance.now()
  for (let page = 0; page < 1000; page++) await pause(1000, signal)
  expect(performance.now() - began).toBeLessThan(400)
})

test('does not make up for a pause of minutes with a burst', async () => {
  const pause = throttle(() => 100)
  await pause(1, signal)
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const began = performance.now()
  for (let page = 0; page < 3; page++) await pause(50, signal)
  expect(performance.now() - began).toBeGreaterThan(400)
})

test('wakes at once when the activity is cancelled', async () => {
  const cancel = new AbortController()
  const waiting = throttle(() => 1)(1000, cancel.signal)
  cancel.abort()
  await expect(waiting).rejects.toThrow()
})

test.each<[change: string, rate: number | null]>([
  ['is raised', 100_000],
  ['is taken away', null],
])('a rate that %s counts for whoever waits already', async (_change, rate) => {
  let now: number | null = 1
  const began = performance.now()
  const waiting = throttle(() => now)(1000, signal)
  await new Promise((resolve) => setTimeout(resolve, 300))
  now = rate
  await waiting
  expect(performance.now() - began).toBeLessThan(1500)
})

test('a rate that is lowered holds from the next rows on', async () => {
  let now: number | null = null
  const pause = throttle(() => now)
  await pause(100_000, signal)
  now = 100
  const began = performance.now()
  await pause(50, signal)
  expect(performance.now() - began).toBeGreaterThan(400)
})
