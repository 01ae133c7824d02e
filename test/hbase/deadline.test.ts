import { expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionFault } from '../../hbase/faults.ts'
import { NotYet } from '../../hbase/directory.ts'
import { Deadline } from '../../hbase/deadline.ts'

test('time that ran out is told by what went wrong last, and by how often, wherever it is noticed', async () => {
  const deadline = new Deadline(30, new AbortController().signal, { table: 'shop:goods' })
  const lost = new ConnectionFault('gone')
  await deadline.pause(0, lost, { attempts: 3, server: 'a:1' })
  await deadline.pause(0, lost, { server: 'b:1' })
  await sleep(40)
  const told = { code: 'UNREACHABLE', table: 'shop:goods', server: 'b:1', attempts: 3 }
  expect(() => {
    deadline.check()
  }).toThrow(expect.objectContaining(told))
  await expect(deadline.pause(1, lost)).rejects.toMatchObject({ attempts: 3 })
})

test('an answer that time cut off is told by what was wrong before, if anything was', async () => {
  const silent = new ConnectionFault('did not answer in time')
  const deadline = new Deadline(1000, new AbortController().signal)
  expect(deadline.overdue(silent)).toBe(silent)
  await deadline.pause(0, new NotYet('there is no node /elsewhere/master yet'))
  expect(deadline.overdue(silent)).toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringContaining('/elsewhere/master') as string,
  })
})
