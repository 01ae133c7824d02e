import { expect, test } from 'vitest'
import { rollbackGates, type RollbackState } from '../../plan/rollback.ts'
import { maySwitch } from '../../plan/switchover.ts'

const calm: RollbackState = { damage: null, changes: 0, writersStopped: true }

test('may be taken back when the capture is whole and nobody writes to HBase', () => {
  expect(maySwitch(rollbackGates(calm))).toEqual({ ready: true })
})

test('changes that were logged meanwhile do not stand against it', () => {
  const gates = rollbackGates({ ...calm, changes: 7 })
  expect(maySwitch(gates)).toEqual({ ready: true })
  expect(gates.map(({ reading }) => reading)).toContain('7, all kept')
})

test.each<[why: string, state: Partial<RollbackState>, because: string]>([
  [
    'a trigger is gone',
    { damage: 'a trigger is gone', writersStopped: false },
    'a trigger is gone',
  ],
  [
    'nobody confirmed',
    { writersStopped: false },
    'nobody confirmed that no application writes to HBase any more',
  ],
])('is refused when %s', (_why, state, because) => {
  expect(maySwitch(rollbackGates({ ...calm, ...state }))).toEqual({ ready: false, because })
})
