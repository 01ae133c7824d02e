import { describe, expect, test } from 'vitest'
import { statusText } from '../../cli/status-text.ts'
import { busy, snapshot, T0, table } from './given.ts'

const apply = (error: string | null) => ({
  applied: 1200,
  lag,
  lags: { app: lag },
  logRows: 1_000_000,
  trouble: null as string | null,
  pushback: null as string | null,
  paused: false,
  halted: {},
  error,
})

const lag = { changes: 15, seconds: 2, dead: 1, token: 1 }

describe('the status of a project', () => {
  test('tells of each table how far and how fast it is', () => {
    const now = snapshot(
      {
        tables: {
          goods: table({ state: 'loaded', rows: 1_234_567, estimate: 1_300_000 }),
          order_line: table({ state: 'loading', estimate: 752_865 }),
          brand: table({ estimate: 12 }),
          odd: table({ state: 'failed', error: 'KEY_MISSING: The table has no usable key' }),
        },
      },
      {
        busy: { order_line: busy({ rows: 7300, estimate: 752_865 }) },
        apply: apply(null),
      },
    )
    expect(statusText(now)).toBe(
      [
        'shop  load  running  Tables: 1/4  Lag: 2s (15 changes)  Applied: 1,200  Dead: 1  Elapsed: 10s',
        '  goods       loaded   1,234,567 rows',
        '  order_line  loading  7,300/~752,865 rows  1.0%  730 rows/s  ETA 17m1s',
        '  brand       waiting  0/~12 rows',
        '  odd         failed   0/~1,000 rows  KEY_MISSING: The table has no usable key',
      ].join('\n'),
    )
  })

  test('measures the speed since an earlier look, where there was one', () => {
    const before = snapshot(
      { tables: { goods: table({ state: 'loading' }) } },
      { at: T0 + 9000, busy: { goods: busy({ rows: 100 }) } },
    )
    const now = snapshot(
      { tables: { goods: table({ state: 'loading' }) } },
      { busy: { goods: busy({ rows: 400 }) } },
    )
    expect(statusText(now, before)).toContain('400/~1,000 rows  40.0%  300 rows/s  ETA 2s')
    expect(statusText(now)).toContain('40 rows/s  ETA 15s')
  })

  test('a range that begins again does not run backwards', () => {
    const loading = { tables: { goods: table({ state: 'loading' }) } }
    const before = snapshot(loading, { at: T0 + 9000, busy: { goods: busy({ rows: 400 }) } })
    const now = snapshot(loading, { busy: { goods: busy({ rows: 100 }) } })
    expect(statusText(now, before)).toContain('100/~1,000 rows  10.0%  0 rows/s')
    expect(statusText(now, before)).not.toContain('ETA')
  })

  test('more rows than the source thought it had are no more than all of them', () => {
    const now = snapshot(
      { tables: { goods: table({ state: 'loading' }) } },
      { busy: { goods: busy({ rows: 1500 }) } },
    )
    expect(statusText(now)).toContain('1,500/~1,500 rows  100.0%')
  })

  test('tells the differences a verification has found so far', () => {
    const now = snapshot(
      { phase: 'verify', tables: { goods: table({ state: 'verifying', rows: 1000 }) } },
      { busy: { goods: busy({ stage: 'verify', rows: 500, differences: 2 }) } },
    )
    expect(statusText(now)).toContain('50.0%  50 rows/s  ETA 10s  2 differences so far')
  })

  test('a verification that has read the source shows how far it is in HBase, and how long that takes', () => {
    const tables = { goods: table({ state: 'verifying', rows: 1000 }) }
    const status = { phase: 'verify', tables } as const
    const source = busy({ stage: 'verify', rows: 1000, since: T0 })
    const target = busy({ stage: 'verify', rows: 200, since: T0 + 6_000, readsTarget: true })
    const before = snapshot(status, { busy: { goods: source } })
    const now = snapshot(status, { busy: { goods: target } })
    // not from the rows of the source, of which there were more
    expect(statusText(now, before)).toContain(
      '200/~1,000 rows  20.0%  50 rows/s  ETA 16s  reading HBase',
    )
  })

  test('shows an open question with the commands that answer it', () => {
    const now = snapshot({
      condition: 'waiting',
      question: {
        id: 'differences-1',
        text: 'Rows differ in goods. Correct them?',
        options: ['correct', 'leave'],
        otherwise: 'leave',
        deadline: T0 + 10_000 + 150_000,
      },
    })
    expect(statusText(now).split('\n').slice(1)).toEqual([
      '',
      'Rows differ in goods. Correct them?',
      '  longhaul answer shop differences-1 correct',
      '  longhaul answer shop differences-1 leave',
      'Without an answer in 2m30s: leave.',
    ])
  })

  test('says what can be done now', () => {
    const ready = statusText(snapshot({ phase: 'switch', refused: 'lag is 9 s, more than 5 s' }))
    expect(ready).toContain('The last switchover was refused: lag is 9 s, more than 5 s')
    expect(ready).toContain('longhaul switch shop --confirm-writes-stopped')
    const stuck = statusText(snapshot({}, { apply: apply('SINK_AUTH: refused') }))
    expect(stuck).toContain('not applied until it is resumed: SINK_AUTH: refused')
    expect(stuck).toContain('longhaul resume shop')
    const halted = { goods: 'SCHEMA_CHANGED: The table is no longer what it was' }
    const other = statusText(
      snapshot(
        { phase: 'switch', tables: { goods: table({ state: 'verified' }) } },
        { apply: { ...apply(null), halted } },
      ),
    )
    expect(other).toContain('verified  0/~1,000 rows  SCHEMA_CHANGED: The table is no longer')
    expect(other).toContain('not applied to: goods.')
    expect(other).toContain('  longhaul reload shop goods\n')
    expect(other).toContain('  longhaul resume shop')
    expect(other).not.toContain('longhaul switch')
    const paused = statusText(snapshot({ condition: 'paused', paused: true }))
    expect(paused).toContain('longhaul resume shop')
  })

  test('says that a log is long, since when, and what to do', () => {
    const lags = { app: { ...lag, changes: 1_250_000, seconds: 7500 } }
    const long =
      'The log of app holds 1,250,000 changes, more than limits.logRows (1,000,000), the oldest 2h5m old: '
    const texts: [rest: Partial<ReturnType<typeof apply>>, paused: boolean, advice: string][] = [
      [{}, false, 'slow the load down with longhaul throttle shop'],
      [{}, true, 'say longhaul resume shop'],
      [{ error: 'SINK_AUTH: refused' }, false, 'say longhaul resume shop'],
      [{ trouble: 'HBase cannot be reached' }, false, 'bring back what does not answer'],
      [{ halted: { goods: 'SCHEMA_CHANGED' } }, false, 'reload the tables that are left out'],
    ]
    for (const [rest, paused, advice] of texts) {
      const text = statusText(snapshot({ paused }, { apply: { ...apply(null), lags, ...rest } }))
      expect(text).toContain(long)
      expect(text).toContain(`${advice}. Nothing is lost while the source has room for it.`)
    }
    expect(statusText(snapshot({}, { apply: apply(null) }))).not.toContain('The log of')
  })

  test('says of rows that never kept still that they are neither equal nor different', () => {
    const goods = { missing: 0, different: 0, extra: 0, unstable: 1200, list: '' }
    const shown = (differing: typeof goods): string =>
      statusText(
        snapshot({
          phase: 'switch',
          tables: { goods: table({ state: 'different' }) },
          differences: { goods: differing },
        }),
      )
    const again = '1,200 rows changed during every look: longhaul verify shop goods'
    expect(shown(goods)).toMatch(new RegExp(`goods  unstable  .*  ${again}`))
    expect(shown({ ...goods, extra: 1 })).toMatch(new RegExp(`goods  different  .*  ${again}`))
    expect(shown({ ...goods, extra: 1, unstable: 0 })).not.toContain('every look')
  })

  test('says what a table waits for', () => {
    const waiting = busy({ rows: 10, waitsFor: '45 threads running, limit 30' })
    const text = statusText(
      snapshot({ tables: { goods: table({ state: 'loading' }) } }, { busy: { goods: waiting } }),
    )
    expect(text).toContain('waiting for the source: 45 threads running, limit 30')
  })

  test('says which end is slow, before what it says of it', () => {
    const text = (of: Parameters<typeof busy>[0]): string =>
      statusText(
        snapshot({ tables: { goods: table({ state: 'loading' }) } }, { busy: { goods: busy(of) } }),
      )
    expect(text({ limitedBy: 'source' })).toMatch(/goods .*limited by: source$/m)
    expect(text({ limitedBy: 'worker' })).toContain('limited by: worker')
    expect(text({ limitedBy: 'hbase', pushback: 'RegionTooBusyException' })).toContain(
      'limited by: HBase; HBase has too much to do (RegionTooBusyException)',
    )
    expect(text({ limitedBy: 'limit', waitsFor: '45 threads running, limit 30' })).toContain(
      'limited by: its limits; waiting for the source: 45 threads running, limit 30',
    )
    expect(text({})).not.toContain('limited')
  })

  test('says that HBase holds up a table, or the changes', () => {
    const text = (pushback: string | null): string =>
      statusText(
        snapshot(
          { tables: { goods: table({ state: 'loading' }) } },
          { busy: { goods: busy({ rows: 10, pushback }) }, apply: { ...apply(null), pushback } },
        ),
      )
    const why = 'HBase has too much to do (RegionTooBusyException)'
    expect(text('RegionTooBusyException')).toMatch(/goods .*HBase has too much to do/)
    expect(text('RegionTooBusyException')).toContain(`Changes are written more slowly: ${why}`)
    expect(text(null)).not.toContain('too much')
  })

  test('says how a project ended, and why, and offers nothing any more', () => {
    const ended = { how: 'failed', at: T0 + 90_000, because: 'SOURCE_AUTH: refused' } as const
    const text = statusText(
      snapshot({ condition: 'failed', paused: true }, { ended, at: T0 + 9e9 }),
    )
    expect(text).toContain('shop  load  failed  Elapsed: 1m30s')
    expect(text).toContain('It failed: SOURCE_AUTH: refused')
    expect(text).not.toContain('longhaul')
  })
})
