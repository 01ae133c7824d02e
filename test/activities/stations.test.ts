import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { pressureOn } from '../../activities/pressure.ts'
import { Stations } from '../../activities/stations.ts'
import { limitOf, type Station } from '../../model/stations.ts'
import { mapping } from '../transform/tables.ts'

/** A clock that goes when it is told to. */
class Hands {
  private ms = 1000
  private worked = 500
  readonly now = (): number => this.ms
  readonly busy = (): number => this.worked

  pass(ms: number, { busy = 0 } = {}): void {
    this.ms += ms
    this.worked += busy
  }
}

interface Given {
  readonly hands: Hands
  readonly stations: Stations
  /** Seconds as the meter has them. */
  readonly told: Partial<Record<Station, number>>
}

function given(): Given {
  const hands = new Hands()
  const told: Partial<Record<Station, number>> = {}
  const tell = (station: Station, seconds: number): void => {
    told[station] = (told[station] ?? 0) + seconds
  }
  return { hands, told, stations: new Stations(tell, hands) }
}

test('every second is told once, at the station where it was spent, or at none', () => {
  const { hands, stations, told } = given()
  hands.pass(500)
  stations.at('source')
  hands.pass(1000)
  stations.at('worker')
  hands.pass(250)
  stations.flush()
  expect(told).toEqual({ source: 1, worker: 0.25 })
  hands.pass(250)
  stations.at(null)
  hands.pass(9000)
  stations.at('hbase')
  hands.pass(125)
  stations.flush()
  stations.flush()
  expect(told).toEqual({ source: 1, worker: 0.5, hbase: 0.125 })
})

test('a wait is told while it lasts', () => {
  const { hands, stations, told } = given()
  stations.at('hbase')
  hands.pass(2000)
  stations.flush()
  expect(told).toEqual({ hbase: 2 })
  expect(stations.shares()).toMatchObject({ hbase: 1, source: 0 })
  hands.pass(1000)
  stations.flush()
  expect(told).toEqual({ hbase: 3 })
})

test('shares are of the last five seconds, and what was before is forgotten', () => {
  const { hands, stations } = given()
  const seconds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      hands.pass(1000, { busy: 400 })
      stations.shares()
    }
  }
  stations.at('source')
  seconds(60)
  stations.at('hbase')
  seconds(2)
  expect(stations.shares()).toEqual({ source: 0.6, hbase: 0.4, limit: 0, busy: 0.4 })
  seconds(5)
  expect(stations.shares()).toMatchObject({ source: 0, hbase: 1 })
})

test.each<[rate: number | null, least: number, most: number]>([
  [null, 0, 0.05],
  [100, 0.25, Infinity],
])(
  'to ask for a limit is no wait on purpose, to keep to one is: %s rows/s',
  async (rate, least, most) => {
    let seconds = 0
    const { pause, end } = pressureOn(
      {
        watch: {
          limits: () =>
            sleep(100, { rowsPerSecond: rate, threadsRunning: null, replicationLagSeconds: null }),
          load: () => Promise.resolve(null),
        },
        pushback: () => null,
        meter: {
          rows: () => undefined,
          station(_stage, _table, station, more) {
            if (station === 'limit') seconds += more
          },
          lag: () => undefined,
          pushback: () => undefined,
          findings: () => undefined,
        },
      },
      { project: 'shop', mapping: mapping(), schemaHash: '', rowsPerSecond: null },
      'load',
    )
    await pause(40, new AbortController().signal)
    end()
    expect(seconds).toBeGreaterThanOrEqual(least)
    expect(seconds).toBeLessThanOrEqual(most)
  },
)

test('whoever waits for a page while the thread computes for somebody else waits for the worker', async () => {
  const stations = new Stations()
  stations.at('source')
  const until = performance.now() + 400
  while (performance.now() < until) {
    const slice = performance.now() + 20
    while (performance.now() < slice);
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(limitOf([stations.shares()])).toBe('worker')

  const idle = new Stations()
  idle.at('source')
  await sleep(400)
  expect(limitOf([idle.shares()])).toBe('source')
})
