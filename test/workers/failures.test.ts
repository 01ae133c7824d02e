import { CancelledFailure } from '@temporalio/common'
import { describe, expect, test } from 'vitest'
import { ERRORS, SyncError, type ErrorCode } from '../../model/errors.ts'
import { failureOf, kindOf } from '../../workers/failures.ts'

describe('an error of ours', () => {
  test.each(Object.keys(ERRORS) as ErrorCode[])(
    '%s keeps its code and its will to retry',
    (code) => {
      const failure = failureOf(new SyncError(code, 'shop.goods'), 1)
      expect(failure).toMatchObject({
        name: 'ApplicationFailure',
        type: code,
        nonRetryable: !ERRORS[code].retry,
        message: `${ERRORS[code].text}: shop.goods`,
      })
    },
  )
})

describe('an error of a stranger', () => {
  const secret = Object.assign(new Error(`Duplicate entry 'alice@example.org' for key 'mail'`), {
    code: 'ER_DUP_ENTRY',
    sql: `insert into customer values ('alice@example.org')`,
  })

  test('says what kind of error it was, and nothing of what it quotes', () => {
    const failure = failureOf(secret, 1)
    expect(failure.message).toContain('ER_DUP_ENTRY')
    expect(JSON.stringify(failure) + failure.message + (failure.stack ?? '')).not.toContain('alice')
    expect(kindOf(secret)).not.toContain('alice')
  })

  test('is retried a while, then given to a person', () => {
    expect(failureOf(secret, 1)).toMatchObject({ nonRetryable: false })
    expect(failureOf(secret, 12)).toMatchObject({ nonRetryable: true })
  })
})

test('a cancellation goes through as it is', () => {
  const cancelled = new CancelledFailure('interrupted', [{ rows: 7 }])
  expect(failureOf(cancelled, 1)).toBe(cancelled)
})
