import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FailPoint } from '../../activities/context.ts'
import type { BatchApplied } from '../../activities/apply-batch.ts'
import type { Changes } from '../../sinks/sink.ts'
import type { Capture } from '../../sources/source.ts'
import { over } from '../explore/over.ts'
import { GROUNDS, openRace, type ApplyOptions, type Race } from './race.ts'

/** A batch that stands at a point until it is told to go on. */
interface Standing {
  goOn(): Promise<BatchApplied>
}

describe.each(GROUNDS)('appliers from %s into %s, log: %s', (server, store, log) => {
  let race: Race
  beforeAll(async () => {
    race = await openRace(server, store, log)
  })
  afterAll(() => race.close())
  beforeEach(async () => {
    await race.run(
      'delete from t',
      `insert into t values ('1', 'old', 'x'), ('2', 'old', null), ('3', 'old', 'y')`,
    )
    await race.heal()
  })
  afterEach(() => race.heal())

  const standing = async (point: FailPoint, options: ApplyOptions = {}): Promise<Standing> => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let batch: Promise<BatchApplied> | undefined
    await new Promise<void>((resolve, reject) => {
      const step = (): Promise<void> => {
        resolve()
        return held
      }
      batch = race.apply({ ...options, at: { [point]: step } })
      batch.catch(reject)
    })
    return {
      goOn() {
        release()
        return batch as Promise<BatchApplied>
      },
    }
  }

  const wrapped = (acknowledge: Capture['acknowledge']): Capture => ({
    ...race.capture,
    acknowledge,
  })

  /** Deletes what a batch has read without looking at the lease. */
  const withoutLease = (): Capture =>
    wrapped(async (_token, changes) => {
      const numbers = changes.map(({ seq }) => seq).join(', ')
      await race.run(`delete from ${race.bench.schema}.longhaul_log where ver in (${numbers})`)
      return true
    })

  /** Deletes all log rows of the keys of a batch, also those that came after it had read. */
  const byKey = (): Capture =>
    wrapped(async (token, changes) => {
      const keys = new Set(changes.map(({ key }) => key))
      const now = await race.capture.read(1000)
      return race.capture.acknowledge(
        token,
        now.filter(({ key }) => keys.has(key)),
      )
    })

  test('T44: a change between the reading of the rows and the acknowledgement is applied next', async () => {
    await race.run(`update t set a = 'first' where id = '1'`)
    const batch = await standing('rows-read')
    await race.run(`update t set a = 'second', b = null where id = '1'`)
    expect(await batch.goOn()).toMatchObject({ changes: 1, fenced: false })
    expect(await race.capture.read(10)).toHaveLength(1)
    await race.converged()
  })

  test('T45 control: an acknowledgement by key alone loses that change', async () => {
    await race.run(`update t set a = 'first' where id = '1'`)
    const batch = await standing('rows-read', { capture: byKey() })
    await race.run(`update t set a = 'second' where id = '1'`)
    await batch.goOn()
    await race.lost()
  })

  test('T46: a change with a lower number that commits later is not passed over', async () => {
    const late = await race.bench.connect()
    await late.query(`start transaction; update t set a = 'late' where id = '1'`)
    await race.run(`update t set a = 'early' where id = '2'`)
    await race.drain()
    await late.query('commit')
    expect(await race.capture.read(10)).toHaveLength(1)
    await race.converged()
  })

  test('T56: a change that a writer holds is applied again, and told from what is new', async () => {
    await race.run(`update t set a = 'first' where id = '1'`)
    const writer = await race.bench.connect()
    await writer.query(`start transaction; update t set a = 'open' where id = '1'`)
    const first = await race.apply()
    const again = await race.apply()
    // In append mode the writer holds nothing of ours
    expect(again.newest).toBe(log === 'append' ? null : first.newest)
    await writer.query('commit')
    expect((await race.apply()).newest).toBeGreaterThan(first.newest ?? 0n)
    await race.converged()
  })

  test.each<FailPoint>(['token', 'log-read', 'rows-read', 'written', 'acknowledge'])(
    'T47: a crash at %s loses nothing and buries nobody',
    async (point) => {
      await race.run(
        `update t set a = 'new', b = null where id = '1'`,
        `delete from t where id = '2'`,
        `update t set id = '4' where id = '3'`,
      )
      const crash = (): Promise<never> => Promise.reject(new Error('killed'))
      await expect(race.apply({ at: { [point]: crash } })).rejects.toThrow('killed')
      expect(await race.capture.read(10)).toHaveLength(4)
      await race.run(`update t set a = 'after the crash' where id = '4'`)
      await race.converged()
    },
  )

  test('T47: a crash after some of the writes loses nothing', async () => {
    await race.run(`update t set a = 'new', b = null`, `delete from t where id = '2'`)
    const half = over(race.sink, {
      changes: (...call) => dyingAfterOne(race.sink.changes(...call)),
    })
    await expect(race.apply({ sink: half })).rejects.toThrow('killed')
    await race.run(
      `update t set b = 'after' where id = '1'`,
      `insert into t values ('2', 'x', null)`,
    )
    await race.converged()
  })

  /**
   * The zombie has the lower token. The other batch reads the old row and stands; the row changes; the
   * zombie reads the new row and acknowledges its change; the other one writes the old row last.
   */
  const zombieAcknowledges = async (capture: Capture): Promise<BatchApplied> => {
    await race.run(`update t set a = 'first' where id = '1'`)
    const zombie = await standing('token', { capture })
    const other = await standing('rows-read', { capture })
    await race.run(`update t set a = 'second' where id = '1'`)
    const acknowledged = await zombie.goOn()
    await other.goOn()
    return acknowledged
  }

  test('T48: an applier that was overtaken cannot acknowledge', async () => {
    expect(await zombieAcknowledges(race.capture)).toMatchObject({ changes: 0, fenced: true })
    await race.converged()
  })

  test('T49 control: without the look at the lease the change is lost', async () => {
    await zombieAcknowledges(withoutLease())
    await race.lost()
  })

  test('T50: what an overtaken applier still writes changes nothing', async () => {
    await race.run(`update t set a = 'first', b = 'stale' where id = '1'`)
    const zombie = await standing('rows-read')
    await race.run(`update t set a = 'second', b = null where id = '1'`)
    await race.drain()
    const before = await race.target()
    expect(await zombie.goOn()).toMatchObject({ fenced: true })
    expect(await race.target()).toEqual(before)
    await race.converged()
  })

  test('T51: a late write of a row that was deleted meanwhile stays hidden', async () => {
    await race.run(`update t set a = 'first' where id in ('1', '2')`)
    const zombie = await standing('rows-read')
    await race.run(`delete from t where id = '1'`, `update t set id = '9' where id = '2'`)
    await race.drain()
    await zombie.goOn()
    await race.converged()
    expect((await race.target()).map((row) => row.split(' ')[0])).toEqual(['3', '9'])
  })

  if (store === 'memory')
    test('T52: a major compaction before the late write does not bring the row back, one that drops markers does', async () => {
      const late = async (): Promise<void> => {
        await race.run(`insert into t values ('5', 'x', 'y')`)
        await race.drain()
        await race.run(`update t set a = 'first' where id = '5'`)
        const zombie = await standing('rows-read')
        await race.run(`delete from t where id = '5'`)
        await race.drain()
        race.cluster.compact()
        await zombie.goOn()
      }
      const kept = race.cluster.markersKeptMs
      await late()
      await race.converged()
      race.cluster.markersKeptMs = 0
      await late()
      race.cluster.markersKeptMs = kept
      await race.lost()
    })

  test('T53: one row changes a hundred times in ten transactions during one batch', async () => {
    await race.run(`update t set a = 'before' where id = '1'`)
    const batch = await standing('rows-read')
    for (let no = 0; no < 10; no++) {
      const changes = Array.from({ length: 10 }, (_, i) =>
        i === 4
          ? `delete from t where id = '1'`
          : i === 5
            ? `insert into t values ('1', null, null)`
            : `update t set a = '${no}.${i}' where id = '1'`,
      )
      await race.run(`start transaction; ${changes.join('; ')}; commit`)
    }
    await batch.goOn()
    expect(await race.capture.read(1000)).toHaveLength(log === 'append' ? 100 : 2)
    await race.converged()
  })

  test('T57: a log that is folded while a batch is under way keeps every column', async () => {
    await race.run(`update t set a = 'a' where id = '1'`, `update t set b = null where id = '1'`)
    const batch = await standing('rows-read')
    await race.run(`update t set a = null where id = '1'`, `update t set b = 'b' where id = '2'`)
    const token = await race.capture.token('compactor')
    expect(await race.capture.compact(token, 1000)).toEqual({
      before: log === 'append' ? 4 : 2,
      after: 2,
    })
    expect(await batch.goOn()).toMatchObject({ fenced: true })
    await race.converged()
  })

  test('T59: tokens go on rising when the clock of the source was set back', async () => {
    const before = await race.capture.token('race')
    const ahead = before + 60_000
    await race.run(`update ${race.bench.schema}.longhaul_lease set token = ${ahead}`)
    await race.run(`update t set a = 'with the clock ahead' where id = '1'`)
    await race.drain()
    await race.run(
      `update t set a = 'with the clock back' where id = '1'`,
      `delete from t where id = '2'`,
    )
    const token = await race.capture.token('race')
    expect(token).toBeGreaterThan(ahead + 1)
    await race.converged()
  })

  test('T60: a batch that is delivered again after it was acknowledged changes nothing', async () => {
    await race.run(`update t set a = 'first' where id = '1'`, `delete from t where id = '2'`)
    const seen = await race.capture.read(100)
    await race.drain()
    await race.run(
      `update t set a = 'then' where id = '1'`,
      `insert into t values ('2', 'n', null)`,
    )
    const again: Capture = { ...race.capture, read: () => Promise.resolve(seen) }
    expect(await race.apply({ capture: again })).toMatchObject({ changes: 2, fenced: false })
    await race.converged()
  })

  test('two appliers that take turns at every point lose nothing', async () => {
    for (const point of ['token', 'log-read', 'rows-read', 'written', 'acknowledge'] as const) {
      await race.run(`update t set a = '${point}', b = null where id = '1'`)
      const one = await standing(point)
      await race.run(
        `update t set a = 'then ${point}', b = 'c' where id = '1'`,
        `delete from t where id = '3'`,
      )
      await race.apply()
      await race.run(`insert into t values ('3', '${point}', null)`)
      expect(await one.goOn()).toMatchObject({ fenced: true })
      await race.converged()
    }
  })
})

/** Writes the first row it is given, and dies. */
function dyingAfterOne(changes: Changes): Changes {
  let rows = 0
  const beginning =
    (kind: 'replace' | 'update' | 'remove') =>
    (...key: [Uint8Array, number, number]): void => {
      if (++rows === 1) changes[kind](...key)
    }
  return {
    replace: beginning('replace'),
    update: beginning('update'),
    remove: beginning('remove'),
    clear(column) {
      if (rows === 1) changes.clear(column)
    },
    cell(...cell) {
      if (rows === 1) changes.cell(...cell)
    },
    async write(options) {
      await changes.write(options)
      throw new Error('killed')
    },
  }
}
