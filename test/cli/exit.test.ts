import { describe, expect, test } from 'vitest'
import { EXIT, EXIT_CODES, exitOf } from '../../cli/exit.ts'
import { outcomeOf } from '../../cli/outcome.ts'
import { isSettled } from '../../cli/snapshot.ts'
import { certificateExit, isVerified } from '../../cli/verify.ts'
import { ERRORS, type ErrorCode } from '../../model/errors.ts'
import { certificate, snapshot, T0, table } from './given.ts'

const question = { id: 'q', text: '?', options: ['a'], otherwise: 'a', deadline: T0 }
const ended = (
  how: 'completed' | 'failed' | 'cancelled' | 'terminated',
  because: string | null,
) => ({
  ended: { how, at: T0, because },
})

describe('exit codes', () => {
  test('are the documented ones, each explained in the help', () => {
    expect(EXIT).toEqual({
      ok: 0,
      failed: 1,
      usage: 2,
      connection: 3,
      differs: 4,
      waiting: 5,
      refused: 6,
    })
    for (const code of Object.values(EXIT)) expect(EXIT_CODES).toContain(`\n  ${code}  `)
  })

  test.each([
    ['USAGE', 2],
    ['CONFIG_INVALID', 2],
    ['PROJECT_UNKNOWN', 2],
    ['TEMPORAL_UNREACHABLE', 3],
    ['WORKER_MISSING', 3],
    ['SOURCE_UNREACHABLE', 3],
    ['SINK_AUTH', 3],
    ['ROWS_DIFFER', 4],
    ['SWITCH_REFUSED', 6],
    ['PROJECT_RUNNING', 1],
    ['KEY_MISSING', 1],
  ] as const)('of %s is %i', (code, exit) => {
    expect(exitOf(code)).toBe(exit)
  })

  test('no error ends a command with 0 or as a question', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[])
      expect([EXIT.ok, EXIT.waiting]).not.toContain(exitOf(code))
  })
})

describe('the state of a project as an exit code', () => {
  const different = { tables: { a: table({ state: 'different' }) } }
  test.each([
    ['running', snapshot(), 0, false],
    ['with a question', snapshot({ question }), 5, true],
    ['ready to switch over', snapshot({ phase: 'switch' }), 0, true],
    ['ready, but rows differ', snapshot({ phase: 'switch', ...different }), 4, true],
    ['differing, but still at work', snapshot({ phase: 'verify', ...different }), 0, false],
    [
      'ready without a table that failed',
      snapshot({ phase: 'switch', tables: { a: table({ state: 'failed' }) } }),
      1,
      true,
    ],
    [
      'paused before the switchover',
      snapshot({ phase: 'switch', condition: 'paused', paused: true }),
      0,
      false,
    ],
    ['done', snapshot({ phase: 'done', condition: 'done' }, ended('completed', null)), 0, true],
    ['failed', snapshot({}, ended('failed', 'KEY_MISSING: no key')), 1, true],
    ['failed at a login', snapshot({}, ended('failed', 'SOURCE_AUTH: no')), 3, true],
    ['failed at differences', snapshot({}, ended('failed', 'ROWS_DIFFER: a')), 4, true],
    ['failed for a reason of its own', snapshot({}, ended('failed', 'boom')), 1, true],
    ['terminated', snapshot({ question }, ended('terminated', null)), 1, true],
  ])('%s', (_, now, exit, settled) => {
    expect(outcomeOf(now)).toBe(exit)
    expect(isSettled(now)).toBe(settled)
  })
})

test('a verification is over when there is a newer certificate, a question, or the end', () => {
  const before = snapshot({ phase: 'switch', certificate: certificate() })
  const newer = certificate({ issuedAt: '2026-11-21T12:20:00.000Z' })
  expect(isVerified(before, before)).toBe(false)
  expect(isVerified(snapshot({ certificate: newer }), before)).toBe(true)
  expect(isVerified(snapshot({ certificate: newer }), snapshot())).toBe(true)
  expect(isVerified(snapshot({ question }), before)).toBe(true)
  expect(isVerified(snapshot({}, ended('failed', null)), before)).toBe(true)
})

test('a certificate that is not clean is a verification mismatch', () => {
  expect(certificateExit(certificate())).toBe(0)
  expect(certificateExit(certificate({ clean: false }))).toBe(4)
})
