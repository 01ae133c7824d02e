import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { temporal } from '@temporalio/proto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { startWitness, type Witness } from '../../services/index.ts'
import { loadId } from '../../workflows/messages.ts'
import { eventually, pending } from './live.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'

/** Texts that occur nowhere else, among them what is awkward to quote. */
const word = (kind: string): string => `${kind}${randomBytes(6).toString('hex')}`
const KEYS = Array.from(
  { length: 40 },
  (_, i) => `${word('key')}${['', '|', `'"`, '\\', 'ü'][i % 5]}`,
)
const VALUES = Array.from(
  { length: 40 },
  (_, i) => `${word('val')}${['', '\n', '<&>', '😀'][i % 4]}`,
)
const CHANGED = Array.from({ length: 10 }, () => word('chg'))
const LARGE = word('big')
const PLANTED = word('plt')
const STRANGER = word('str')
const WRONG = word('pwd')

/** The forms in which a text may get out: as it is, as JSON has it, in hex and in base64. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    // two of three positions in a longer base64 text shift the letters: the middle stays the same
    ...[0, 1, 2].map((at) => bytes.subarray(at, at + 9).toString('base64')),
  ]
}

let sandbox: Sandbox
let witness: Witness
let port = 0
const said: Record<string, string> = {}

beforeAll(async () => {
  ;[sandbox, witness, port] = await Promise.all([
    openSandbox('mysql'),
    startWitness({ address: inject('hbase') }, () => undefined),
    freePort(),
  ])
  await sandbox.admin.query(
    'create table secrets (k varchar(60) collate utf8mb4_bin primary key, v longtext, b blob)',
  )
  for (const [i, key] of KEYS.entries())
    await sandbox.admin.query('insert into secrets values (?, ?, ?)', [key, VALUES[i], VALUES[i]])
  await sandbox.admin.query('update secrets set v = repeat(?, 200) where k = ?', [LARGE, KEYS[3]])
  sandbox.connect({ clusters: { main: { endpoints: [inject('hbase')], maxCellBytes: 1024 } } })
}, 120_000)
afterAll(async () => {
  await witness.close()
  await sandbox.close()
})

test('a project meets a crash, a dead letter, differences and a wrong password', async () => {
  const doomed = await sandbox.worker()
  await sandbox.start(
    `tables: [{ from: $db.secrets, rowKey: { hash: true } }]
limits: { rowsPerSecond: 10, rowsPerRange: 20, rangesInParallel: 1 }`,
  )
  await eventually(async () => {
    const all = await pending(sandbox, loadId('shop', 'secrets')).catch(() => [])
    return all.find(({ activity, started }) => activity === 'copyRange' && started)
  }, 'the load is under way')
  await doomed.kill('SIGKILL')
  const worker = await sandbox.worker({ metrics: port })
  await answered('leave')
  for (const [i, value] of CHANGED.entries())
    await sandbox.admin.query('update secrets set v = ?, b = ? where k = ?', [
      value,
      value,
      KEYS[i + 10],
    ])
  expect((await sandbox.status()).certificate).toMatchObject({ clean: false, deadLetters: 1 })

  await plant()
  await sandbox.update('verify', {})
  // what was planted is mended; what the cluster cannot take differs again
  await answered('correct', 'leave')
  expect((await sandbox.status()).certificate?.tables[0]).toMatchObject({ differencesFound: 4 })
  const refused = await sandbox.update('switchOver', { writersStopped: true })
  expect(refused).toMatchObject({ switched: false })
  said['refused'] = JSON.stringify(refused)
  said['metrics'] = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  expect(said['metrics']).toContain('longhaul_rows_total{stage="load",table="secrets"}')

  await sandbox.update('release', {})
  said['outcome'] = JSON.stringify(await sandbox.outcome())
  await worker.stop()
  sandbox.connect({ source: { password: WRONG } })
  await sandbox.worker()
  await sandbox.start('tables: [{ from: $db.secrets, to: other }]', { project: 'locked-out' })
  said['failure'] = JSON.stringify(await sandbox.outcome('locked-out'))
  expect(said['failure']).toContain('SOURCE_AUTH')
}, 240_000)

/** Waits for the switchover and answers the questions on the way, one after the other. */
async function answered(...options: string[]): Promise<void> {
  for (const option of options) {
    const question = await sandbox.until((status) => status.question ?? undefined)
    said[`question ${question.id}`] = JSON.stringify(await sandbox.status())
    await sandbox.update('answer', { questionId: question.id, option })
    await sandbox.until(({ question: open }) => (open?.id === question.id ? undefined : true))
  }
  await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
}

/** Changes, removes and adds a row behind the back of everybody. */
async function plant(): Promise<void> {
  const [mapping] = sandbox.mappings()
  const target = mapping?.target ?? ''
  const rows: string[] = []
  for await (const { row } of witness.dump(target)) if (!rows.includes(row)) rows.push(row)
  const [changed = '', removed = ''] = rows
  const cell = (row: string, text: string) => ({
    row,
    family: Buffer.from('secrets').toString('hex'),
    qualifier: Buffer.from('v').toString('hex'),
    timestamp: Date.now(),
    value: Buffer.from(text).toString('hex'),
  })
  await witness.put(target, cell(changed, PLANTED))
  await witness.deleteRow(target, removed)
  await witness.put(target, cell(Buffer.from(STRANGER).toString('hex'), PLANTED))
}

/** Everything Temporal keeps of every workflow, as it goes over the wire. */
async function histories(): Promise<Buffer> {
  const { History } = temporal.api.history.v1
  const parts: Uint8Array[] = []
  for await (const { workflowId, runId, raw } of sandbox.client.workflow.list()) {
    parts.push(temporal.api.workflow.v1.WorkflowExecutionInfo.encode(raw).finish())
    const { events } = await sandbox.client.workflow.getHandle(workflowId, runId).fetchHistory()
    parts.push(History.encode({ events: events ?? null }).finish())
  }
  return Buffer.concat(parts)
}

test('no key, no value and no password is in any history, log line, metric or error', async () => {
  const places: Record<string, Buffer> = {
    histories: await histories(),
    log: readFileSync(join(sandbox.folder, 'worker.log')),
  }
  for (const [name, text] of Object.entries(said)) places[name] = Buffer.from(text)
  // the search finds what is there: names may be told
  expect(places['histories']?.includes('copyRange')).toBe(true)
  expect(places['histories']?.includes(`${sandbox.name}.secrets`)).toBe(true)
  expect(places['log']?.includes('worker is ready')).toBe(true)

  const { password } = sandbox.account
  const secrets = [...KEYS, ...VALUES, ...CHANGED, LARGE, PLANTED, STRANGER, WRONG, password]
  const found = Object.entries(places).flatMap(([place, bytes]) =>
    secrets.flatMap((secret) =>
      forms(secret)
        .filter((form) => bytes.includes(form))
        .map((form) => `${place}: ${form}`),
    ),
  )
  expect(found).toEqual([])
})

test('the search would find a secret in a payload, in any of its forms', () => {
  const payload = { key: KEYS[1], hex: Buffer.from(VALUES[0] ?? '').toString('hex') }
  const bytes = Buffer.from(
    JSON.stringify({ data: Buffer.from(`x${PLANTED}`).toString('base64'), ...payload }),
  )
  for (const secret of [KEYS[1], VALUES[0], PLANTED])
    expect(forms(secret ?? '').some((form) => bytes.includes(form))).toBe(true)
})

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
