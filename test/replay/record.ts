import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { startWitness } from '../../services/index.ts'
import { inject, test } from 'vitest'
import { openSandbox, type Sandbox } from '../e2e/sandbox.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))

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
  const witness = await startWitness({ address: inject('hbase') }, () => undefined)
  await witness.deleteRow(`${sandbox.name}:goods`, Buffer.from('7').toString('hex'))
  await witness.close()
  await sandbox.update('resume', {})
  await answer(sandbox, 'continue')
  await answer(sandbox, 'correct') // within askAfter, else it is left
  await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
  await sandbox.update('switchOver', { writersStopped: false })
  await sandbox.update('switchOver', { writersStopped: true })
  await sandbox.outcome()
}

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
  for (const file of readdirSync(FOLDER)) if (file.endsWith('.json')) rmSync(FOLDER + file)
  const counts: Record<string, number> = {}
  for await (const run of client.workflow.list()) {
    const number = (counts[run.type] = (counts[run.type] ?? 0) + 1)
    const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory()
    writeFileSync(`${FOLDER}${run.type}-${number}.json`, `${historyToJSON(history)}\n`)
  }
}
