import { readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { startWitness, type Witness } from '../../services/index.ts'
import { inject, test } from 'vitest'
import { drained, eventually, stoodStill } from '../e2e/live.ts'
import { ATTRIBUTES } from '../../workflows/messages.ts'
import { openSandbox, type Sandbox } from '../e2e/sandbox.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))

/** Each adds to what is there: histories of older code are worth more. `-t throttled` records the second alone. */
test('records a project that was paused, asked, corrected and switched, and one that was cancelled', async () => {
  const sandbox = await openSandbox('mysql')
  try {
    await seed(sandbox)
    await sandbox.worker()
    await switched(sandbox)
    await cancelled(sandbox)
    await keep(sandbox)
  } finally {
    await sandbox.close()
  }
})

test('records one that was throttled, sampled, counted, corrected, reloaded, alarmed, switched and taken back', async () => {
  const sandbox = await openSandbox('mysql')
  try {
    await seed(sandbox)
    await sandbox.worker()
    await takenBack(sandbox)
    await keep(sandbox)
  } finally {
    await sandbox.close()
  }
})

const seed = ({ admin }: Sandbox) =>
  admin.query(
    `create table goods (id int primary key, name varchar(20));
     create table line (a int, b varchar(10), primary key (a, b));
     set session cte_max_recursion_depth = 100000;
     insert into goods with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
       select i, concat('good ', i) from n;
     insert into line values (1, 'x'), (2, 'y')`,
  )

const PROJECT = `
tables: [$db.goods, $db.line]
limits: { rowsPerRange: 4000, rangesInParallel: 2, rowsPerSecond: 500, askAfter: 8s }
verify: { correct: ask }
`

async function switched(sandbox: Sandbox): Promise<void> {
  await sandbox.start(PROJECT)
  await sandbox.until(({ phase }) => (phase === 'load' ? true : undefined))
  await new Promise((resolve) => setTimeout(resolve, 1000))
  await sandbox.update('pause', { mode: 'now' })
  await witnessed((witness) => witness.deleteRow(`${sandbox.name}:goods`, hex('7')))
  await sandbox.update('resume', {})
  await answer(sandbox, 'continue')
  await answer(sandbox, 'correct') // within askAfter, else it is left
  await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
  await sandbox.update('switchOver', { writersStopped: false })
  await sandbox.update('switchOver', { writersStopped: true })
  await sandbox.outcome()
}

async function takenBack(sandbox: Sandbox): Promise<void> {
  await sandbox.start(
    `${PROJECT.replace('500', '1000').replace('}', ', logRows: 1000 }').replace('ask }', 'never }')}
switch: { rollbackWithin: 1h }`,
  )
  await sandbox.until(({ phase }) => (phase === 'load' ? true : undefined))
  await sandbox.update('throttle', { rowsPerSecond: 5000, threadsRunning: 1000 })
  let last = await certified(sandbox, '')
  await witnessed((witness) => witness.deleteRow(`${sandbox.name}:goods`, hex('7')))
  for (const mode of ['sample', 'count', 'points']) {
    await sandbox.update('verify', { tables: ['goods'], mode })
    last = await certified(sandbox, last)
  }
  await sandbox.update('correct', {})
  last = await certified(sandbox, last)
  await sandbox.update('reload', { tables: ['line'] })
  last = await certified(sandbox, last)

  await sandbox.update('pause', {})
  await stoodStill(sandbox)
  await sandbox.admin.query(`update goods set name = 'much' where id <= 5000`)
  const apply = sandbox.client.workflow.getHandle('project/shop/apply')
  const alarmed = async (): Promise<true | undefined> =>
    (await apply.describe()).typedSearchAttributes.get(ATTRIBUTES.alarm) === 'log'
      ? true
      : undefined
  await eventually(alarmed, 'the alarm is raised', 120)
  await sandbox.update('resume', {})
  await drained(sandbox)

  await sandbox.update('switchOver', { writersStopped: true })
  await sandbox.until(({ condition }) => (condition === 'switched' ? true : undefined))
  await sandbox.admin.query(`update goods set name = 'late' where id <= 10`)
  await sandbox.update('rollback', { writersStopped: true, dryRun: true })
  await sandbox.update('rollback', { writersStopped: true })
  await certified(sandbox, last)
  await sandbox.update('release', {})
  await sandbox.outcome()
}

/** Waits for a certificate newer than that; returns when it was issued. */
const certified = (sandbox: Sandbox, after: string): Promise<string> =>
  sandbox.until(
    ({ phase, condition, certificate }) =>
      phase === 'switch' && condition === 'running' && (certificate?.issuedAt ?? '') > after
        ? certificate?.issuedAt
        : undefined,
    { seconds: 180 },
  )

async function witnessed(act: (witness: Witness) => Promise<unknown>): Promise<void> {
  const witness = await startWitness({ address: inject('hbase') }, () => undefined)
  await act(witness).finally(() => witness.close())
}

const hex = (text: string): string => Buffer.from(text).toString('hex')

async function cancelled(sandbox: Sandbox): Promise<void> {
  await sandbox.start(PROJECT.replace('$db.goods, $db.line', '{ from: $db.goods, to: again }'), {
    project: 'again',
  })
  await sandbox.until(({ phase }) => (phase === 'load' ? true : undefined), { project: 'again' })
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await sandbox.client.workflow.getHandle('project/again').cancel()
  await sandbox.outcome('again')
}

async function answer(sandbox: Sandbox, option: string): Promise<void> {
  const questionId = await sandbox.until(({ question }) => question?.id, { seconds: 120 })
  await sandbox.update('answer', { questionId, option })
}

async function keep({ client }: Sandbox): Promise<void> {
  const there = new Set(readdirSync(FOLDER))
  for await (const run of client.workflow.list()) {
    let number = 1
    while (there.has(`${run.type}-${number}.json`)) number++
    const file = `${run.type}-${number}.json`
    there.add(file)
    const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory()
    writeFileSync(FOLDER + file, `${historyToJSON(history)}\n`)
  }
}
