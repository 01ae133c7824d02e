import {
  ServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { describe, expect, test } from 'vitest'
import { explained, isHiccup, refusal } from '../../cli/failures.ts'
import { repeat } from '../../cli/repeat.ts'

const about = { address: 'h:7233', project: 'shop' }
const grpc = (code: number, details = ''): Error =>
  new ServiceError('failed', {
    cause: Object.assign(new Error('x'), { code, details, metadata: {} }),
  })

describe('what the Temporal client throws', () => {
  test.each([
    [new WorkflowNotFoundError('none', 'project/shop', undefined), 'PROJECT_UNKNOWN'],
    [grpc(14), 'TEMPORAL_UNREACHABLE'],
    [grpc(4), 'WORKER_MISSING'],
    [grpc(9, 'no poller seen for task queue recently, worker may be down'), 'WORKER_MISSING'],
    [
      new WorkflowFailedError(
        'failed',
        ApplicationFailure.nonRetryable('Rows differ: a', 'ROWS_DIFFER'),
        'MAXIMUM_ATTEMPTS_REACHED',
      ),
      'ROWS_DIFFER',
    ],
  ])('becomes an error with a code', (error, code) => {
    expect(explained(error, about)).toMatchObject({ code })
  })

  test('keeps its own words when nothing better is known', () => {
    const error = new Error('boom')
    expect(explained(error, about)).toBe(error)
    expect((explained(grpc(3, 'bad input'), about) as Error).message).toBe(
      'Temporal refused: bad input',
    )
  })

  test('says the sentence of a code once', () => {
    const failure = ApplicationFailure.nonRetryable('Rows differ: in goods', 'ROWS_DIFFER')
    const error = new WorkflowFailedError('failed', failure, 'MAXIMUM_ATTEMPTS_REACHED')
    expect((explained(error, about) as Error).message).toBe('Rows differ: in goods')
  })

  test('of a refused Update is the reason the workflow gave', () => {
    const cause = ApplicationFailure.create({ message: 'No question is open' })
    expect(refusal(new WorkflowUpdateFailedError('refused', cause))).toBe('No question is open')
    expect(refusal(new Error('boom'))).toBe(null)
  })
})

describe('an Update that meets its workflow as it continues as new', () => {
  const patience = { milliseconds: 1000, pause: 250, sleep: () => Promise.resolve() }

  test('is sent again until it arrives', async () => {
    const errors = [grpc(9), grpc(14)]
    const sent = await repeat(
      () => {
        const error = errors.shift()
        return error === undefined ? Promise.resolve('done') : Promise.reject(error)
      },
      isHiccup,
      patience,
    )
    expect(sent).toBe('done')
  })

  test('is given up after a while, and at once when it was refused', async () => {
    let tries = 0
    const failing = (error: Error) => () => {
      tries++
      return Promise.reject(error)
    }
    await expect(repeat(failing(grpc(9)), isHiccup, patience)).rejects.toThrow('failed')
    expect(tries).toBe(5)
    tries = 0
    await expect(repeat(failing(new Error('no')), isHiccup, patience)).rejects.toThrow('no')
    expect(tries).toBe(1)
  })
})
