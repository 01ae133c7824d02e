import { describe, expect, test } from 'vitest'
import { certificateText } from '../../cli/certificate-text.ts'
import { outcomeText, planOf, planText } from '../../cli/correct.ts'
import { errorText } from '../../cli/error-text.ts'
import { columns, count, duration, instant, plural } from '../../cli/numbers.ts'
import { toFlags } from '../../cli/processes.ts'
import { startedText } from '../../cli/start.ts'
import { listText } from '../../cli/status.ts'
import { gatesText, refused } from '../../cli/switch.ts'
import { barOf } from '../../cli/watch.ts'
import { SyncError } from '../../model/errors.ts'
import { busy, certificate, snapshot, table } from './given.ts'

describe('numbers', () => {
  test.each([
    [0, '0s'],
    [0.4, '0s'],
    [59.6, '1m'],
    [157, '2m37s'],
    [3600, '1h'],
    [3661, '1h1m'],
    [90_000, '1d1h'],
    [-5, '0s'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text)
  })

  test('are grouped, counted and dated', () => {
    expect(count(1_234_567.4)).toBe('1,234,567')
    expect([plural(1, 'row'), plural(2, 'row')]).toEqual(['1 row', '2 rows'])
    expect(instant('2026-11-21T12:00:00.123Z')).toBe('2026-11-21 12:00:00 UTC')
  })

  test('stand to the right in a column, words to the left', () => {
    expect(
      columns([
        ['a', '1,000', 'x'],
        ['long', '5', ''],
      ]),
    ).toEqual(['a     1,000  x', 'long      5'])
    expect(columns([])).toEqual([])
  })
})

describe('a certificate', () => {
  test('reads as a table of tables, with the servers it was read from', () => {
    expect(certificateText(certificate())).toBe(
      [
        'Certificate of shop: 1,000,000 rows of 1 table, every cell equal',
        `Issued 2026-11-21 12:10:00 UTC; SHA-256 ${'f'.repeat(64)}`,
        'Not signed: the SHA-256 alone guards it (certificate.signingKey in the connections file)',
        '',
        'table  from        to          rows       cells      digest        found  corrected  verdict',
        'goods  shop.goods  shop:goods  1,000,000  5,000,000  a1b2c3d4e5f6      3          3  equal',
        '',
        'goods: -inf .. +inf in 10 ranges; compared cell by cell; verified 2026-11-21 12:09:59 UTC',
        '  versions 1763726400000 (loaded) to 1763726401000 (newest), schema 0123456789ab',
        '',
        'shop is MySQL 9.7.4.',
        'main is HBase 2.6.4.',
        'No row is left that could not be written.',
      ].join('\n'),
    )
  })

  test('names the tables that differ, and the rows that could not be written', () => {
    const tables = certificate().tables.map((one) => ({ ...one, clean: false }))
    const text = certificateText(certificate({ clean: false, tables, deadLetters: 2 }))
    expect(text).toContain('Certificate of shop: rows differ in goods')
    expect(text).toContain('DIFFERENT')
    expect(text).toContain('2 rows could not be written.')
    expect(certificateText(certificate({ clean: false }))).toContain(
      'Certificate of shop: not clean',
    )
  })

  test('of a sample never looks like one of every cell', () => {
    const [goods] = certificate().tables
    if (goods === undefined) throw new Error('no table')
    const sample = { part: 0.01, seed: 3 }
    const text = certificateText(
      certificate({ clean: false, tables: [{ ...goods, mode: 'sample', sample }] }),
    )
    expect(text).toContain('Certificate of shop: NOT A PROOF that every cell is equal: of goods')
    expect(text).toContain('sample only')
    expect(text).toContain(
      'each row with a chance of 1 % (seed 3): it would notice 1 wrong row with 1 %, 100 with 63.4 %, 459 with 99 %',
    )
    expect(text).not.toContain('every cell equal')
  })

  test('of a count says that nothing in the rows was looked at', () => {
    const tables = certificate().tables.map((one) => ({ ...one, mode: 'count' as const }))
    const text = certificateText(certificate({ clean: false, tables }))
    expect(text).toContain('NOT A PROOF')
    expect(text).toContain('what is in the rows was not looked at')
  })
})

describe('a correction', () => {
  const differences = { goods: { missing: 1, different: 2, extra: 0, list: 'shop|shop:goods|3' } }
  const { status } = snapshot({ phase: 'switch', tables: { goods: table() }, differences })

  test('says before what it would do', () => {
    const plan = planOf({ ...status, certificate: certificate() }, [])
    expect(plan).toEqual([{ name: 'goods', cluster: 'shop', differing: differences.goods }])
    expect(planText(status, plan)).toBe(
      [
        'goods  1 row to write  2 rows to write anew  0 rows to remove',
        '',
        'Correct them with: longhaul correct shop',
      ].join('\n'),
    )
    expect(planText(status, planOf(snapshot().status, []))).toBe('Nothing is known to differ.')
    expect(() => planOf(status, ['gods'])).toThrow('no such table: gods')
  })

  test('does not call different what never kept still', () => {
    const goods = { missing: 0, different: 0, extra: 0, unstable: 3, list: 'shop|shop:goods|3' }
    const unstable = { ...status, differences: { goods } }
    const again = '3 rows changed during every look: longhaul verify shop goods'
    expect(planText(unstable, planOf(unstable, []))).toBe(
      `Nothing is known to differ.\ngoods: ${again}`,
    )
    const both = { ...status, differences: { goods: { ...goods, different: 2 } } }
    expect(planText(both, planOf(both, []))).toContain(
      `2 rows to write anew  0 rows to remove\ngoods: ${again}\n`,
    )
    expect(outcomeText(both, unstable, [])).toBe(`goods: 2 rows looked at again, ${again}`)
  })

  test('says after what is equal now', () => {
    const left = { goods: { ...differences.goods, missing: 0, different: 1 } }
    expect(outcomeText(status, { ...status, differences: {} }, [])).toBe(
      'goods: 3 rows looked at again, every one equal now',
    )
    expect(outcomeText(status, { ...status, differences: left }, ['goods'])).toBe(
      'goods: 3 rows looked at again, 1 still differ: longhaul correct shop goods --dry-run --keys',
    )
  })
})

describe('an error', () => {
  const quiet = { json: false, debug: false }
  test('is one sentence and its code, without a stack', () => {
    const error = new SyncError('PROJECT_RUNNING', 'shop')
    expect(errorText(error, quiet)).toBe('The project is running already: shop [PROJECT_RUNNING]')
    expect(errorText(new Error('boom'), quiet)).toBe('boom [UNEXPECTED]')
    expect(errorText('odd', quiet)).toBe('odd [UNEXPECTED]')
  })

  test('of a misused command says only what is wrong', () => {
    expect(errorText(new SyncError('USAGE', 'no certificate yet'), quiet)).toBe(
      'no certificate yet [USAGE]',
    )
  })

  test('is JSON for machines, and has its stack for those who ask', () => {
    const error = new SyncError('PROJECT_RUNNING', 'shop', { cause: new Error('below') })
    expect(JSON.parse(errorText(error, { json: true, debug: true }))).toEqual({
      error: { code: 'PROJECT_RUNNING', message: 'The project is running already: shop' },
    })
    const debug = errorText(error, { json: false, debug: true })
    expect(debug).toContain('text.test.ts')
    expect(debug).toContain('because Error: below')
  })
})

test('a dry run tells every gate, and the command only when all let it through', () => {
  const lag = { name: 'lag', reading: '9.0 s', because: 'lag is 9.0 s' }
  const dead = { name: 'dead letters', reading: 'none', because: null }
  const closed = gatesText('shop', [dead, lag])
  expect(closed.split('\n').slice(0, 2)).toEqual([
    'ok  dead letters  none',
    'NO  lag           9.0 s',
  ])
  expect(closed).not.toContain('longhaul switch')
  expect(gatesText('shop', [dead])).toContain('longhaul switch shop --confirm-writes-stopped')
})

test('a refused switchover says the flag that is missing', () => {
  expect(refused('nobody confirmed that the writers are stopped').detail).toContain(
    '--confirm-writes-stopped',
  )
  expect(refused('lag is 9 s')).toMatchObject({ code: 'SWITCH_REFUSED', detail: 'lag is 9 s' })
})

test('a start tells how to go on', () => {
  expect(startedText({ project: 'shop' })).toBe(
    'Started project/shop.\nWatch it with: longhaul status shop --watch',
  )
})

test('the list has a line for each project', () => {
  const one = {
    project: 'shop',
    execution: 'running',
    phase: 'load',
    state: 'paused',
    startedAt: '',
  }
  expect(listText([one, { ...one, project: 'other', execution: 'failed' }])).toBe(
    'shop   load  paused\nother  load  failed',
  )
  expect(listText([])).toContain('longhaul start')
})

test('a bar is as full as its table, in the stage it is in', () => {
  const tables = {
    a: table({ state: 'loading' }),
    b: table({ state: 'loaded', rows: 12 }),
    c: table(),
  }
  const now = snapshot({ tables }, { busy: { a: busy({ rows: 250 }) } })
  expect(barOf(now, undefined, 'a')).toMatchObject({
    part: 0.25,
    rows: '250 rows',
    speed: '  25 rows/s  ETA 30s',
  })
  expect(barOf(now, undefined, 'b')).toMatchObject({ part: 1, percent: '100.0%' })
  expect(barOf(now, undefined, 'c')).toMatchObject({ part: 0, speed: '' })
})

test('options are handed on as flags; those not given are not', () => {
  expect(toFlags({ address: 'h:1', sources: undefined, log: 'warn' })).toEqual([
    '--address',
    'h:1',
    '--log',
    'warn',
  ])
})
