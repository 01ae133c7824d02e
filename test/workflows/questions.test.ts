import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectStatus } from '../../model/project.ts'
import { applyId, verifyId } from '../../workflows/messages.ts'
import { eventually, pending } from '../e2e/live.ts'
import { openSandbox, type Sandbox } from '../e2e/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox('mysql')
  await sandbox.worker()
  await sandbox.admin.query(
    `create table goods (id int primary key, name varchar(20));
     set session cte_max_recursion_depth = 100000;
     insert into goods with recursive n(i) as (select 1 union all select i + 1 from n where i < 8000)
       select i, concat('good ', i) from n`,
  )
})
afterAll(() => sandbox.close())

const slow = (more = ''): string =>
  `tables: [{ from: $db.goods, to: ${more.slice(0, 4) || 'slow'} }]
limits: { rowsPerRange: 1000, rangesInParallel: 1, rowsPerSecond: 400, askAfter: 3s${more.slice(4)} }`

const question = (project: string) =>
  sandbox.until(({ question }) => question ?? undefined, { project })

describe('a load that takes longer than it may', () => {
  test('asks, and ends clean when the answer is stop', async () => {
    const project = await sandbox.start(slow('stop'), { project: 'stop' })
    const asked = await question(project)
    expect(asked).toMatchObject({
      id: 'load-slow',
      options: ['continue', 'stop'],
      otherwise: 'continue',
    })
    await expect(
      sandbox.update('answer', { questionId: 'other', option: 'stop' }, project),
    ).rejects.toMatchObject({ cause: { message: 'The open question is load-slow' } })
    await expect(
      sandbox.update('answer', { questionId: 'load-slow', option: 'maybe' }, project),
    ).rejects.toMatchObject({ cause: { message: 'The options are continue, stop' } })
    await sandbox.update('answer', { questionId: 'load-slow', option: 'stop' }, project)
    expect(await sandbox.outcome(project)).toEqual({ failure: 'STOPPED: Stopped by the operator' })
    expect(await sandbox.leftovers()).toEqual([])
  })

  test('takes its default when nobody answers', async () => {
    const project = await sandbox.start(slow('none, onNoAnswer: stop'), { project: 'none' })
    await question(project)
    expect(await sandbox.outcome(project)).toEqual({ failure: 'STOPPED: Stopped by the operator' })
    expect(await sandbox.leftovers()).toEqual([])
  })
})

test('a signal does what an update does', async () => {
  const project = await sandbox.start(slow('sign'), { project: 'sign' })
  const asked = await question(project)
  const handle = sandbox.client.workflow.getHandle(`project/${project}`)
  await handle.signal('answer', { questionId: 'no such question', option: 'stop' })
  expect((await sandbox.status(project)).question?.id).toBe(asked.id)
  await handle.signal('answer', { questionId: asked.id, option: 'stop' })
  expect(await sandbox.outcome(project)).toEqual({ failure: 'STOPPED: Stopped by the operator' })
})

test('a project started by its name alone is found in the projects folder and makes a proven copy', async () => {
  const { name } = sandbox
  writeFileSync(
    join(sandbox.folder, 'byname.yaml'),
    `project: byname\nsource: app\ncluster: main\nnamespace: ${name}\ntables: [${name}.goods]\n`,
  )
  const result: unknown = await sandbox.client.workflow.execute('migrateProject', {
    workflowId: 'project/byname',
    taskQueue: 'longhaul',
    args: [{ project: 'byname', to: 'verify' }],
  })
  expect(result).toMatchObject({
    switched: false,
    certificate: { clean: true, tables: [{ name: 'goods', rows: 8000, clean: true }] },
  })
  expect(await sandbox.leftovers()).toEqual([])
})

test('with correct: ask nobody is asked about rows that only never kept still', async () => {
  const project = await sandbox.start(
    'tables: [{ from: $db.goods, to: still }]\nverify: { mode: points, correct: ask }',
    { project: 'still' },
  )
  const questions = new Set<string>()
  const until = <T>(what: (status: ProjectStatus) => T | undefined): Promise<T> =>
    sandbox.until(
      (status) => {
        if (status.question !== null) questions.add(status.question.text)
        return what(status)
      },
      { project },
    )
  const first = await until(({ phase, certificate }) =>
    phase === 'switch' ? (certificate ?? undefined) : undefined,
  )
  const apply = sandbox.client.workflow.getHandle(applyId(project))
  await apply.signal('pause', {})
  await eventually(
    async () => ((await pending(sandbox, applyId(project))).length === 0 ? true : undefined),
    'nothing is applied any more',
  )
  await sandbox.admin.query(`update goods set name = 'waits in the log' where id <= 2`)
  await sandbox.update('verify', {}, project)
  // 1: the first verification, 2: this one, 3: what there is to correct, 4: a look at all of it again
  await eventually(async () => {
    await until(() => true)
    const again = sandbox.client.workflow.getHandle(verifyId(project, 'goods', 4))
    return (await again.describe().catch(() => undefined)) === undefined ? undefined : true
  }, 'the table is verified again')
  await apply.signal('resume', {})
  const last = await until(({ phase, certificate }) =>
    phase === 'switch' && certificate?.issuedAt !== first.issuedAt ? certificate : undefined,
  )
  expect(last).toMatchObject({ clean: true, tables: [{ name: 'goods', rows: 8000 }] })
  expect([...questions]).toEqual([])
  await sandbox.update('release', {}, project)
  await sandbox.outcome(project)
})

test('the same project cannot be started twice', async () => {
  await sandbox.start(slow('once'), { project: 'once' })
  await expect(sandbox.start(slow('once'), { project: 'once' })).rejects.toMatchObject({
    name: 'WorkflowExecutionAlreadyStartedError',
  })
  await sandbox.client.workflow.getHandle('project/once').cancel()
  await sandbox.outcome('once')
})
