import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tsToMs } from '@temporalio/common/lib/time.js'
import { look } from '../../cli/look.ts'
import { statusText } from '../../cli/status-text.ts'
import type { Throttle } from '../../model/project.ts'
import { loadId, verifyId } from '../../workflows/messages.ts'
import { eventually, fill, pending, rowsOf } from './live.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

const ROWS = 30_000
/** Ranges of 5,000 rows, one at a time, 400 rows a second. */
const SLOWLY = 'limits: { rowsPerSecond: 400, rowsPerRange: 5000, rangesInParallel: 1 }'
const TABLE = 'tables: [$db.goods]\nverify: { mode: points, correct: never }\n'

const throttle = (sandbox: Sandbox, limits: Partial<Throttle>): Promise<string> =>
  sandbox.update('throttle', limits)

/** Rows a second, over some seconds. */
async function rateOver(sandbox: Sandbox, seconds: number): Promise<number> {
  const [before, from] = [await rowsOf(sandbox), performance.now()]
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  return ((await rowsOf(sandbox)) - before) / ((performance.now() - from) / 1000)
}

describe('limits changed while a project runs', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await openSandbox('mysql')
    await fill(sandbox, 'goods', ROWS)
    await sandbox.worker()
    await sandbox.start(`${TABLE}${SLOWLY}`)
  })
  afterAll(() => sandbox.close())

  test('a range that is under way reads at the new rate', async () => {
    await eventually(
      async () => ((await rowsOf(sandbox)) > 500 ? true : undefined),
      'rows are loaded',
    )
    const slow = await rateOver(sandbox, 6)
    const [before] = await pending(sandbox, loadId('shop', 'goods'))
    expect(await throttle(sandbox, { rowsPerSecond: 2000 })).toBe('rowsPerSecond 2000')
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const quick = await rateOver(sandbox, 5)
    expect(slow).toBeGreaterThan(250)
    expect(slow).toBeLessThan(600)
    expect(quick).toBeGreaterThan(1300)
    expect(quick).toBeLessThan(2700)
    // nothing was interrupted for it
    expect(before?.attempt).toBe(1)
    expect(statusText(await look(sandbox.client, 'shop'))).toContain(
      'Limits: 2,000 rows/s for each range',
    )
  })

  test('what makes no sense is refused in a sentence and changes nothing', async () => {
    const refused: [limits: object, because: RegExp][] = [
      [{}, /Say which/],
      [{ rowsPerSecond: 0 }, /whole number from 1/],
      [{ rowsPerSecond: -5 }, /whole number from 1/],
      [{ rowsPerSecond: 1.5 }, /whole number from 1/],
      [{ rowsPerSecond: '5000' }, /whole number from 1/],
      [{ threadsRunning: 1e9 }, /whole number from 1 to 100000/],
      [{ rowsPerMinute: 5 }, /rowsPerMinute is no limit/],
    ]
    for (const [limits, because] of refused)
      await expect(throttle(sandbox, limits)).rejects.toMatchObject({
        cause: { message: expect.stringMatching(because) as unknown },
      })
    expect((await sandbox.status()).throttle).toEqual({
      rowsPerSecond: 2000,
      threadsRunning: null,
      replicationLagSeconds: null,
    })
  })

  test('one that is taken away lets it run, and the next stages remember the change', async () => {
    await throttle(sandbox, { rowsPerSecond: null })
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), { seconds: 40 })
    // two continue-as-new later; at 400 rows a second load and verification take two and a half minutes
    const { throttle: now, certificate } = await sandbox.status()
    expect(now).toMatchObject({ rowsPerSecond: null })
    expect(certificate).toMatchObject({ clean: true })
  }, 60_000)

  test('a verification reads HBase at that rate too, and waits for the source without dying', async () => {
    await throttle(sandbox, { rowsPerSecond: 6000 })
    const other = await sandbox.open()
    await other.query('lock tables goods write')
    const ended = verified('points')
    const waiting = async (): Promise<string[]> =>
      (await pending(sandbox, verifyId('shop', 'goods', 2)).catch(() => [])).map(
        ({ activity }) => activity,
      )
    await eventually(
      async () => ((await waiting()).includes('planRanges') ? true : undefined),
      'ranges are planned',
    )
    await new Promise((resolve) => setTimeout(resolve, 4000)) // a heartbeat is missed after three seconds
    expect(await waiting()).toEqual(['planRanges'])
    await other.query('unlock tables')
    await ended
    expect(await begunAgain(sandbox, verifyId('shop', 'goods', 2))).toEqual([])
    expect(await secondsOf(sandbox, verifyId('shop', 'goods', 2), 'verifyKeys')).toBeGreaterThan(
      LEAST,
    )

    await verified('count')
    expect(await secondsOf(sandbox, verifyId('shop', 'goods', 3), 'sumTarget')).toBeGreaterThan(
      LEAST,
    )
  })
  /** 30,000 rows take five seconds, of which the first may have been saved up. */
  const LEAST = 3.9

  const verified = async (mode: string): Promise<void> => {
    const { certificate: before } = await sandbox.status()
    await sandbox.update('verify', { mode })
    await sandbox.until(({ phase, certificate }) =>
      phase === 'switch' && certificate?.issuedAt !== before?.issuedAt ? true : undefined,
    )
  }
})

/** Seconds that the last attempt of an activity took. */
async function secondsOf(sandbox: Sandbox, workflowId: string, activity: string): Promise<number> {
  const { events } = await sandbox.client.workflow.getHandle(workflowId).fetchHistory()
  const at = (id: unknown) => (events ?? []).find(({ eventId }) => String(eventId) === String(id))
  const time = (event: ReturnType<typeof at>): number => tsToMs(event?.eventTime)
  for (const event of events ?? []) {
    const { scheduledEventId, startedEventId } = event.activityTaskCompletedEventAttributes ?? {}
    const scheduled = at(scheduledEventId)?.activityTaskScheduledEventAttributes
    if (scheduled?.activityType?.name === activity)
      return (time(event) - time(at(startedEventId))) / 1000
  }
  throw new Error(`${activity} did not end in ${workflowId}`)
}

/** How often each activity was begun that was begun again. */
async function begunAgain(sandbox: Sandbox, workflowId: string): Promise<readonly number[]> {
  const { events } = await sandbox.client.workflow.getHandle(workflowId).fetchHistory()
  return (events ?? [])
    .map(({ activityTaskStartedEventAttributes: started }) => started?.attempt ?? 1)
    .filter((attempt) => attempt > 1)
}

describe.each<Product>(['mysql', 'mariadb'])('a source with much to do: %s', (product) => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await openSandbox(product)
    await fill(sandbox, 'goods', ROWS)
    await sandbox.worker()
    await sandbox.start(
      `${TABLE}limits: { rowsPerSecond: 2000, rowsPerRange: 5000, rangesInParallel: 1, source: { threadsRunning: 40 } }`,
    )
  })
  afterAll(() => sandbox.close())

  test('is read no further until it is calm again, and status says why', async () => {
    await eventually(
      async () => ((await rowsOf(sandbox)) > 500 ? true : undefined),
      'rows are loaded',
    )
    const busy = await Promise.all(Array.from({ length: 45 }, () => sandbox.open()))
    const sleeping = busy.map((one) => one.query('select sleep(12)'))
    const waiting = await eventually(async () => {
      const now = await look(sandbox.client, 'shop')
      return now.busy['goods']?.waitsFor ? now : undefined
    }, 'the load waits')
    expect(statusText(waiting)).toMatch(
      /goods .* waiting for the source: \d+ threads running, limit 40/,
    )
    const stood = await rowsOf(sandbox)
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(await rowsOf(sandbox)).toBe(stood)
    await Promise.all(sleeping)
    await eventually(
      async () => ((await rowsOf(sandbox)) > stood ? true : undefined),
      'it goes on by itself',
    )
    expect((await look(sandbox.client, 'shop')).busy['goods']?.waitsFor ?? null).toBeNull()
  })

  test('verification waits for it too', async () => {
    await throttle(sandbox, { rowsPerSecond: null })
    await sandbox.until(({ phase }) => (phase === 'verify' ? true : undefined))
    // one thread is always running: that of the question itself
    await throttle(sandbox, { rowsPerSecond: 2000, threadsRunning: 1 })
    const busy = await sandbox.open()
    const sleeping = busy.query('select sleep(6)')
    await eventually(async () => {
      const now = await look(sandbox.client, 'shop')
      return now.busy['goods']?.waitsFor?.includes('limit 1') ? true : undefined
    }, 'the verification waits')
    await sleeping
    await throttle(sandbox, { rowsPerSecond: null, threadsRunning: null })
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
    expect((await sandbox.status()).certificate).toMatchObject({ clean: true })
  })
})
