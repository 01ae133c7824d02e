import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  test,
  vi,
} from 'vitest'
import { startWitness } from '../../services/index.ts'
import { applyId, applyStatus, loadId, loadStatus, projectId } from '../../workflows/messages.ts'
import { judge } from './judge.ts'
import { drained, eventually, fill, logged, pending } from './live.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'

const ROWS = 1200
/** So slow that every stage can be met in its middle. */
const SLOWLY = 'limits: { rowsPerSecond: 250, rowsPerRange: 400, rangesInParallel: 1 }'

vi.setConfig({ testTimeout: 120_000 })

let sandbox: Sandbox
let projects = 0
/** Each test has a project and a target of its own. */
let project = ''
const begin = (more = '', to = project): Promise<string> =>
  sandbox.start(`tables: [{ from: $db.goods, to: ${to} }]\n${more}`, { project })

beforeAll(async () => {
  sandbox = await openSandbox('mysql')
  await Promise.all([fill(sandbox, 'goods', ROWS), sandbox.worker()])
})
afterAll(() => sandbox.close())
beforeEach(() => {
  project = `p${++projects}`
})

// a test that failed in the middle must not make the next ones fail
afterEach(async () => {
  for await (const { workflowId } of running()) {
    if (!/^project\/[^/]+$/.test(workflowId)) continue
    const handle = sandbox.client.workflow.getHandle(workflowId)
    await handle.executeUpdate('release', { args: [{}] }).catch(() => undefined)
    await handle.result().catch(() => undefined)
  }
})

const running = () => sandbox.client.workflow.list({ query: 'ExecutionStatus = "Running"' })

const inPhase = (wanted: string): Promise<boolean> =>
  sandbox.until(({ phase }) => (phase === wanted ? true : undefined), {
    project,
    seconds: 40,
  })

/** An activity of this name has begun and told its position. */
const under = (workflowId: string, activity: string): Promise<unknown> =>
  eventually(async () => {
    const all = await pending(sandbox, workflowId).catch(() => [])
    return all.find((one) => one.activity === activity && one.started) ?? undefined
  }, `${activity} is under way`)

const cancel = async (): Promise<void> => {
  await sandbox.client.workflow.getHandle(projectId(project)).cancel()
}

const statusOf = async (workflowId: string): Promise<string> =>
  (await sandbox.client.workflow.getHandle(workflowId).describe()).status.name

/** Nothing of ours in the source, no workflow of ours at work, and the application can go on. */
async function leftClean(): Promise<void> {
  expect(await sandbox.leftovers()).toEqual([])
  await sandbox.admin.query(
    `insert into goods values (900000, 'x', 1); update goods set n = 2 where id = 900000;
     delete from goods where id = 900000`,
  )
  await eventually(async () => {
    for await (const one of running()) if (one.workflowId.startsWith(projectId(project))) return
    return true
  }, 'no workflow runs')
}

async function cancelled(): Promise<void> {
  await sandbox.outcome(project)
  expect(await statusOf(projectId(project))).toBe('CANCELLED')
  await leftClean()
}

describe('a project that is cancelled leaves nothing behind', () => {
  test('in structure, while its triggers wait for an open transaction', async () => {
    const application = await sandbox.open()
    await application.query('start transaction; update goods set n = 1 where id = 1')
    await begin()
    await under(projectId(project), 'installCapture')
    await cancel()
    await application.query('commit')
    await cancelled()
  })

  test('in load', async () => {
    await begin(SLOWLY)
    await under(loadId(project, 'goods'), 'copyRange')
    await cancel()
    await cancelled()
    expect(await statusOf(applyId(project))).toBe('COMPLETED')
    expect(await statusOf(loadId(project, 'goods'))).toBe('CANCELLED')
  })

  test('in apply, which is paused and has changes waiting', async () => {
    await begin()
    const apply = sandbox.client.workflow.getHandle(applyId(project))
    await eventually(
      () => apply.executeUpdate('pause', { args: [undefined] }).catch(() => undefined),
      'apply is paused before it has caught up',
    )
    await inPhase('apply')
    await sandbox.admin.query(`update goods set v = 'waiting' where id < 10`)
    await cancel()
    await cancelled()
  })

  test('in verify', async () => {
    await begin(SLOWLY)
    await inPhase('verify')
    await under(`project/${project}/verify/goods/1`, 'verifyRange')
    await cancel()
    await cancelled()
    expect(await statusOf(`project/${project}/verify/goods/1`)).toBe('CANCELLED')
  })

  test('in switch, while it waits for the operator', async () => {
    await begin()
    await inPhase('switch')
    await cancel()
    await cancelled()
  })

  test('in switch, in the middle of a switchover', async () => {
    await begin()
    await inPhase('switch')
    const answer = sandbox.update('switchOver', { writersStopped: true }, project).catch(() => null)
    await eventually(
      () => statusOf(`project/${project}/switch`).catch(() => undefined),
      'the switchover is under way',
    )
    await cancel()
    await cancelled()
    expect(await answer).not.toMatchObject({ switched: true })
  })
})

describe('a project that is released leaves nothing behind', () => {
  test('in load', async () => {
    await begin(SLOWLY)
    await under(loadId(project, 'goods'), 'copyRange')
    expect(await sandbox.update('release', {}, project)).toBe('releasing')
    const { result } = await sandbox.outcome(project)
    expect(result).toMatchObject({ switched: false, certificate: null })
    await leftClean()
  })

  test('in switch, and its certificate stays', async () => {
    await begin()
    await inPhase('switch')
    await sandbox.update('release', {}, project)
    const { result } = await sandbox.outcome(project)
    expect(result).toMatchObject({ switched: false, certificate: { clean: true } })
    await leftClean()
  })
})

describe('pause and resume', () => {
  const rowsLoaded = async (): Promise<number> =>
    (await sandbox.client.workflow.getHandle(loadId(project, 'goods')).query(loadStatus)).rows

  test.each(['drain', 'now'])(
    'a load paused with %s goes on and copies no row twice',
    async (mode) => {
      await begin(SLOWLY)
      await under(loadId(project, 'goods'), 'copyRange')
      expect(await sandbox.update('pause', { mode }, project)).toBe('pausing')
      const load = sandbox.client.workflow.getHandle(loadId(project, 'goods'))
      await eventually(
        async () => ((await load.query(loadStatus)).inFlight === 0 ? true : undefined),
        'nothing is in flight',
      )
      const stood = await rowsLoaded()
      expect(stood).toBeLessThan(ROWS)
      await new Promise((resolve) => setTimeout(resolve, 1500))
      expect(await rowsLoaded()).toBe(stood)
      expect(await sandbox.status(project)).toMatchObject({ paused: true, condition: 'paused' })
      await sandbox.update('resume', {}, project)
      await inPhase('switch')
      expect((await sandbox.status(project)).tables['goods']).toMatchObject({ rows: ROWS })
      expect((await sandbox.status(project)).certificate).toMatchObject({ clean: true })
      await sandbox.update('release', {}, project)
      await sandbox.outcome(project)
      await leftClean()
    },
  )

  test('a paused project begins with no other table', async () => {
    await sandbox.admin.query('create table more like goods')
    await sandbox.start(
      `tables: [{ from: $db.goods, to: ${project} }, { from: $db.more, to: ${project}.more }]
limits: { rowsPerSecond: 800, tablesInParallel: 1 }`,
      { project },
    )
    await under(loadId(project, 'goods'), 'copyRange')
    await sandbox.update('pause', { mode: 'drain' }, project)
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect((await sandbox.status(project)).tables['more']).toMatchObject({ state: 'waiting' })
    await sandbox.update('resume', {}, project)
    await inPhase('switch')
    await sandbox.update('release', {}, project)
    await sandbox.outcome(project)
    await leftClean()
  })

  test('apply that is paused lets changes wait, and applies them when it goes on', async () => {
    await begin()
    await inPhase('switch')
    await sandbox.update('pause', {}, project)
    const apply = sandbox.client.workflow.getHandle(applyId(project))
    await eventually(
      async () => ((await apply.query(applyStatus)).paused ? true : undefined),
      'apply is paused',
    )
    await eventually(
      async () => ((await pending(sandbox, applyId(project))).length === 0 ? true : undefined),
      'no batch is under way',
    )
    await sandbox.admin.query(`update goods set v = 'paused' where id <= 20`)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(await logged(sandbox)).toBe(20)
    await sandbox.update('resume', {}, project)
    await drained(sandbox)
    expect(await sandbox.update('switchOver', { writersStopped: true }, project)).toMatchObject({
      switched: true,
      because: null,
    })
    await sandbox.outcome(project)
    await leftClean()
  })
})

test('two projects on one table at once both arrive, and the first leaves the second its triggers', async () => {
  const first = await begin()
  project = `p${++projects}`
  const second = await begin()
  for (const one of [first, second])
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), { project: one })
  await sandbox.admin.query(`update goods set n = n + 1, v = null where id % 3 = 0`)
  await drained(sandbox)
  const done = { switched: true, because: null }
  expect(await sandbox.update('switchOver', { writersStopped: true }, first)).toMatchObject(done)
  await sandbox.outcome(first)
  expect((await sandbox.leftovers()).filter((one) => one.startsWith('trigger'))).toHaveLength(3)
  await sandbox.admin.query(`update goods set v = 'only the second' where id % 5 = 0`)
  await drained(sandbox)
  expect(await sandbox.update('switchOver', { writersStopped: true }, second)).toMatchObject(done)
  await sandbox.outcome(second)
  await leftClean()
  const witness = await startWitness({ address: inject('hbase') }, () => undefined)
  const [mapping] = sandbox.mappings(second)
  if (mapping === undefined) throw new Error('the project has no table')
  expect(await judge(witness, sandbox.admin, mapping)).toMatchObject({
    rows: ROWS,
    differences: [],
  })
  await witness.close()
})

test('a project that runs cannot be started again', async () => {
  await begin(SLOWLY)
  await expect(begin()).rejects.toThrow('Workflow execution already started')
  await sandbox.update('release', {}, project)
  await sandbox.outcome(project)
  await leftClean()
})
