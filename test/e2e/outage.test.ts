import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { look } from '../../cli/look.ts'
import { statusText } from '../../cli/status-text.ts'
import { ATTRIBUTES, applyId, loadId, pause, resume } from '../../workflows/messages.ts'
import { judgeFirst } from './judge.ts'
import { drained, eventually, fill, logged, pending } from './live.ts'
import { startOwn, type OwnServers } from './own-servers.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

const ROWS = 5000
/** Longer than anything waits but what waits for ever: an hour is no other. */
const AWAY_MS = 30_000
const PATIENT = { seconds: 200 }
const PROJECT = `
tables: [$db.goods]
verify: { mode: points, correct: never }
limits: { rowsPerSecond: 250, logRows: 20000 }
`

const PRODUCTS = ['mysql', 'mariadb'] as const satisfies readonly Product[]

let own: OwnServers<'hbase' | Product>
let sandboxes: readonly Sandbox[] = []
beforeAll(async () => {
  own = await startOwn('hbase', ...PRODUCTS)
  sandboxes = await Promise.all(PRODUCTS.map(begin))
}, 240_000)
afterAll(async () => {
  for (const sandbox of sandboxes) await sandbox.close()
  await own.close()
}, 60_000)

async function begin(product: Product): Promise<Sandbox> {
  const { host, port, user = '', password = '' } = own.servers[product]
  const hbase = own.servers.hbase.address
  const database = { host, port, user, password }
  const sandbox = await openSandbox(product, { temporal: inject('temporal'), hbase, database })
  // each attempt gives up after five seconds, so that there are many within the test
  sandbox.connect({ clusters: { main: { endpoints: [hbase], timeoutSeconds: 5 } } })
  await fill(sandbox, 'goods', ROWS)
  await sandbox.worker()
  await sandbox.start(PROJECT)
  return sandbox
}

/** What is away is away for both at once: they have the same HBase, and most of it is waiting. */
const each = async (work: (sandbox: Sandbox) => Promise<void>): Promise<void> => {
  await Promise.all(sandboxes.map(work))
}
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const apply = ({ client }: Sandbox) => client.workflow.getHandle(applyId('shop'))

async function withoutSource(
  sandbox: Sandbox,
  meanwhile: () => Promise<void> = () => wait(AWAY_MS),
): Promise<void> {
  const server = own.servers[sandbox.product]
  await server.kill('SIGKILL')
  await meanwhile()
  await server.restart()
  await sandbox.reconnect()
}

/** Rows of the load, those in hand among them. */
const loaded = async (sandbox: Sandbox): Promise<number> => {
  const all = await pending(sandbox, loadId('shop', 'goods')).catch(() => [])
  const beats = all.map(({ beat }) => beat?.rows ?? 0)
  return Math.max(0, ...beats)
}

test(
  'the source is away while it is loaded: the load goes on where it was',
  () =>
    each(async (sandbox) => {
      await eventually(
        async () => ((await loaded(sandbox)) > 1000 ? true : undefined),
        'rows are loaded',
      )
      const before = await loaded(sandbox)
      await withoutSource(sandbox, async () => {
        await wait(AWAY_MS)
        expect(statusText(await look(sandbox.client, 'shop'))).toContain(
          'tried again: The source database cannot be reached',
        )
      })
      await eventually(
        async () => ((await loaded(sandbox)) > before ? true : undefined),
        'it goes on',
      )
    }),
  180_000,
)

test(
  'the source is away while a project waits to be in step: it is not given up',
  () =>
    each(async (sandbox) => {
      await apply(sandbox).signal(pause.signal, undefined)
      await sandbox.admin.query(`update goods set v = 'changed' where id = 7`)
      await wait(6000) // longer than `switch.maxLag`: a change that is younger makes nobody wait
      await sandbox.update('throttle', { rowsPerSecond: null })
      await sandbox.until(({ phase }) => (phase === 'apply' ? true : undefined), PATIENT)
      await withoutSource(sandbox)
      expect(await sandbox.status()).toMatchObject({ phase: 'apply', condition: 'running' })
      await apply(sandbox).signal(resume.signal, undefined)
      await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), PATIENT)
      expect((await sandbox.status()).certificate).toMatchObject({ clean: true })
    }),
  500_000,
)

const alarm = async (sandbox: Sandbox): Promise<string | undefined> =>
  (await apply(sandbox).describe()).typedSearchAttributes.get(ATTRIBUTES.alarm)

/** Changes every row so many times. */
async function change({ admin }: Sandbox, times: number): Promise<void> {
  for (let time = 0; time < times; time++)
    await admin.query(`update goods set n = ifnull(n, 0) + 1, v = if(id % 5, v, 'x${time}')`)
}

test('HBase is away while rows are changed: status and Temporal say that the log is long', async () => {
  await own.servers.hbase.kill('SIGKILL')
  await each(async (sandbox) => {
    await change(sandbox, 6)
    await eventually(async () => ((await alarm(sandbox)) === 'log' ? true : undefined), 'the alarm')
    const now = await eventually(async () => {
      const one = await look(sandbox.client, 'shop')
      return one.apply?.trouble ? one : undefined
    }, 'status says why')
    expect(now.apply?.lags['app']?.changes).toBe(6 * ROWS)
    const text = statusText(now)
    expect(text).toMatch(/Changes wait in the log, and are tried again by themselves: HBase cannot/)
    expect(text).toMatch(
      /The log of app holds 30,000 changes, more than limits.logRows \(20,000\), the oldest .* old: bring back/,
    )
  })
}, 240_000)

test(
  'and the log keeps within its bound, however often they are changed',
  () =>
    each(async (sandbox) => {
      const folded = async (): Promise<true | undefined> =>
        (await logged(sandbox)) <= 50_000 + 2 * ROWS ? true : undefined
      await change(sandbox, 24)
      // 150,000 changes were made
      await eventually(folded, 'the log is folded while HBase is away', 120)
      await change(sandbox, 10)
      await eventually(folded, 'it is folded again', 120)
    }),
  400_000,
)

test('HBase comes back: all is applied, and the alarm ends', async () => {
  await own.servers.hbase.restart()
  await each(async (sandbox) => {
    await drained(sandbox)
    await eventually(
      async () => ((await alarm(sandbox)) === 'none' ? true : undefined),
      'the alarm ends',
    )
  })
}, 200_000)

test('both are away, and nothing was lost: every cell is what the source has', async () => {
  await each(async ({ admin }) => {
    await admin.query(`update goods set v = 'before both were away' where id % 3 = 0`)
  })
  await own.servers.hbase.kill('SIGKILL')
  const back = wait(AWAY_MS).then(() => own.servers.hbase.restart())
  await each(async (sandbox) => {
    await withoutSource(sandbox, () => back)
    await sandbox.admin.query(`update goods set v = 'after it' where id % 11 = 0`)
    await drained(sandbox)
    await sandbox.update('verify', {})
    await sandbox.until(({ phase }) => (phase === 'verify' ? true : undefined))
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), PATIENT)
    expect(await sandbox.update('switchOver', { writersStopped: true })).toMatchObject({
      switched: true,
      because: null,
    })
    const judgement = await judgeFirst(own.servers.hbase.address, sandbox)
    expect(judgement).toMatchObject({ rows: ROWS, differences: [] })
  })
}, 300_000)
