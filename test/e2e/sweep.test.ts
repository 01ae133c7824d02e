import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyId, projectId, type SweepOrphans, type Swept } from '../../workflows/messages.ts'
import { eventually } from './live.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox('mysql')
  await sandbox.worker()
  await sandbox.admin.query(
    `create table goods (id int primary key); create table line (id int primary key)`,
  )
  for (const [project, table] of [
    ['kept', 'goods'],
    ['gone', 'line'],
  ] as const) {
    await sandbox.start(`tables: [$db.${table}]`, { project })
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), { project })
  }
})
afterAll(() => sandbox.close())

let sweeps = 0
const sweep = (input: SweepOrphans): Promise<Swept> =>
  sandbox.client.workflow.execute('sweepOrphans', {
    workflowId: `longhaul/sweep/${++sweeps}`,
    taskQueue: 'longhaul',
    args: [input],
  })

const status = async (id: string): Promise<string> =>
  (await sandbox.client.workflow.getHandle(id).describe()).status.name

test('what a terminated project left is found and taken out, and nothing else', async () => {
  const before = await sandbox.leftovers()
  expect(await sweep({ minutes: 0, release: true })).toEqual({ orphans: [], unseen: {} })

  await sandbox.client.workflow.getHandle(projectId('gone')).terminate('for the test')
  const orphan = { project: 'gone', source: 'app', ended: 'terminated' }
  // It may have ended a moment ago, and somebody may be at it
  expect(await sweep({ release: true })).toEqual({ orphans: [], unseen: {} })
  expect(await sweep({ minutes: 0 })).toEqual({
    orphans: [{ ...orphan, released: false }],
    unseen: {},
  })
  expect(await sandbox.leftovers()).toEqual(before)
  expect(await status(applyId('gone'))).toBe('RUNNING')

  expect(await sweep({ minutes: 0, release: true })).toMatchObject({
    orphans: [{ ...orphan, released: true }],
  })
  const left = (await sandbox.leftovers()).filter((what) => what.startsWith('trigger'))
  expect(left).toHaveLength(3)
  expect(before.filter((what) => what.startsWith('trigger'))).toHaveLength(6)
  expect(await status(applyId('gone'))).not.toBe('RUNNING')
  await sandbox.admin.query('insert into goods values (1); insert into line values (1)')
  expect(await status(projectId('kept'))).toBe('RUNNING')
})

test('a project nobody here has heard of is only taken out when it is named', async () => {
  await sandbox.admin.query(
    `insert into \`${sandbox.schema}\`.longhaul_unit (project) values ('stranger')`,
  )
  const stranger = { project: 'stranger', source: 'app', ended: null }
  expect(await sweep({ minutes: 0, release: true })).toEqual({
    orphans: [{ ...stranger, released: false }],
    unseen: {},
  })
  expect(await sweep({ release: true, also: ['stranger'] })).toMatchObject({
    orphans: [{ ...stranger, released: true }],
  })
  await eventually(
    async () => ((await sweep({ minutes: 0 })).orphans.length === 0 ? true : undefined),
    'nothing is left',
  )
})
