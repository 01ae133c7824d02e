import { expect, test } from 'vitest'
import { Ledger, tick } from './ledger.ts'
import { isWhole, kindOf, valuesOf } from './rows.ts'
import type { Kind, Place, Value } from './rows.ts'

const PLACE: Place = { table: 't', rows: 2000, epoch: 1_700_000_000_000 }

/** A row whose first versions are of these kinds; the first one of all is always 'first'. */
function rowWith(...kinds: readonly Kind[]): number {
  for (let row = 0; row < PLACE.rows; row++) {
    if (kinds.every((kind, i) => kindOf(row, i + 1) === kind)) return row
  }
  throw new Error(`No row has the kinds ${kinds.join(', ')}.`)
}

/** A ledger where these versions of the row were acknowledged, in order. */
function acknowledged(row: number, versions: number): Ledger {
  const ledger = new Ledger(PLACE)
  for (let i = 0; i < versions; i++) ledger.acknowledge(row, ledger.begin(row))
  return ledger
}

const shown = (row: number, ...versions: readonly number[]): readonly Value[] =>
  versions.flatMap((version) => valuesOf(PLACE, row, version))

test('a row must be what was acknowledged last', () => {
  const row = rowWith('first', 'replace')
  const ledger = acknowledged(row, 2)
  expect(ledger.judge(row, shown(row, 2))).toBeUndefined()
  expect(ledger.judge(row, shown(row, 1))?.kind).toBe('lost')
  expect(ledger.judge(row, [])?.kind).toBe('lost')
})

test('a deleted row must be gone, and nothing may stand beside a row', () => {
  const gone = rowWith('first', 'delete')
  const replaced = rowWith('first', 'note', 'replace')
  expect(acknowledged(gone, 2).judge(gone, shown(gone, 1))?.kind).toBe('extra')
  const ledger = acknowledged(replaced, 3)
  expect(ledger.judge(replaced, shown(replaced, 3, 2))?.kind).toBe('extra')
})

test('a note stands beside its row until it is taken away', () => {
  const row = rowWith('first', 'note', 'unnote')
  expect(acknowledged(row, 2).judge(row, shown(row, 1, 2))).toBeUndefined()
  expect(acknowledged(row, 2).judge(row, shown(row, 1))?.kind).toBe('lost')
  expect(acknowledged(row, 3).judge(row, shown(row, 1))).toBeUndefined()
  expect(acknowledged(row, 3).judge(row, shown(row, 1, 2))?.kind).toBe('extra')
})

test('a value that was written for another place is misplaced', () => {
  const ledger = acknowledged(5, 1)
  expect(ledger.judge(5, valuesOf({ ...PLACE, table: 'u' }, 5, 1))?.kind).toBe('misplaced')
  expect(ledger.judge(5, valuesOf(PLACE, 6, 1))?.kind).toBe('misplaced')
})

test('a write that threw may be there or not, but only whole', () => {
  const row = rowWith('first', 'replace')
  const ledger = acknowledged(row, 1)
  ledger.doubt(row, ledger.begin(row))
  expect(ledger.judge(row, shown(row, 1))).toBeUndefined()
  expect(ledger.judge(row, shown(row, 2))).toBeUndefined()
  expect(ledger.judge(row, shown(row, 1, 2))).toBeDefined()
  expect(ledger.isStableSince(row, tick())).toBe(false)
})

test('a row that is being written must be whole and no older than it was', () => {
  const row = Array.from({ length: PLACE.rows }, (_, i) => i).find(
    (one) => valuesOf(PLACE, one, 1).length > 1 && isWhole(kindOf(one, 2)),
  )
  if (row === undefined) throw new Error('No such row.')
  const ledger = acknowledged(row, 1)
  ledger.begin(row)
  expect(ledger.judgeMoving(row, shown(row, 1), 1)).toBeUndefined()
  expect(ledger.judgeMoving(row, shown(row, 1).slice(1), 1)).toBeDefined()
  expect(ledger.judgeMoving(row, shown(row, 1), 2)).toBeDefined()
})
