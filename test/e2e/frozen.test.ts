import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CONTROL_QUEUE, applyStatus } from '../../workflows/messages.ts'
import { fill } from './live.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'
import type { WorkerProcess } from './worker-process.ts'

let sandbox: Sandbox
let worker: WorkerProcess
beforeAll(async () => {
  sandbox = await openSandbox('mysql')
  await fill(sandbox, 'goods', 100)
  worker = await sandbox.worker()
  await sandbox.start('tables: [$db.goods]')
  await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
}, 120_000)
afterAll(() => sandbox.close())

const isAlive = (): boolean => {
  try {
    return process.kill(worker.pid, 0)
  } catch {
    return false
  }
}

test('a worker that was frozen while it computed a workflow goes on', async () => {
  let going = true
  // Its answer takes long to make: the worker is caught inside a script of it
  const halted = Object.fromEntries(
    Array.from({ length: 30_000 }, (_, i) => [`table ${i}`, 'nobody has seen it for a long time']),
  )
  const state = { applied: 0, paused: true, stopping: false, error: null, halted, lags: {} }
  const busy = await sandbox.client.workflow.start('applyChanges', {
    workflowId: 'busy',
    taskQueue: CONTROL_QUEUE,
    args: [{ project: 'busy', tables: [], logRows: 1, state }],
  })
  const ask = async (): Promise<void> => {
    while (going) await busy.query(applyStatus).catch(() => sleep(50))
  }
  const asking = Array.from({ length: 16 }, ask)
  for (let time = 0; time < 5 && isAlive(); time++) {
    await sleep(1000 + 37 * time)
    await worker.kill('SIGSTOP')
    await sleep(6000) // longer than the 5 s that Temporal's SDK gives a script by itself
    await worker.kill('SIGCONT')
    await sleep(500)
  }
  going = false
  expect(isAlive()).toBe(true)
  await Promise.all(asking)
  expect(await sandbox.status()).toMatchObject({ phase: 'switch' })
}, 120_000)
