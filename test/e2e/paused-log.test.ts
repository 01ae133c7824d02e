import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../services/ports.ts'
import { drained, eventually, fill, logged, stoodStill } from './live.ts'
import { metric } from './metrics.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

/** Folding leaves one row for each of them, which is still more than the limit. */
const ROWS = 25_000
const PROJECT = `
tables: [$db.goods]
verify: { mode: count, correct: never }
limits: { logRows: 20000 }
`
const PRODUCTS: readonly Product[] = ['mysql', 'mariadb']

/** Both at once, because a paused log is looked at once a minute. */
const all = new Map<Product, { readonly sandbox: Sandbox; readonly metrics: number }>()
beforeAll(async () => {
  await Promise.all(
    PRODUCTS.map(async (product) => {
      const sandbox = await openSandbox(product)
      const metrics = await freePort()
      all.set(product, { sandbox, metrics })
      await fill(sandbox, 'goods', ROWS)
      await sandbox.worker({ metrics })
      await sandbox.start(PROJECT)
      await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), {
        seconds: 240,
      })
      await sandbox.update('pause', {})
      await stoodStill(sandbox)
      for (let time = 0; time < 3; time++)
        await sandbox.admin.query(`update goods set v = 'x${time}'`)
    }),
  )
}, 300_000)
afterAll(async () => {
  await Promise.all([...all.values()].map(({ sandbox }) => sandbox.close()))
})

test.each(PRODUCTS)('paused, the log of %s is folded, and the alarm is raised', async (product) => {
  const { sandbox, metrics } = there(product)
  await eventually(
    async () => ((await logged(sandbox)) <= ROWS ? true : undefined),
    'three changes of each row are one',
    120,
  )
  expect(await sandbox.status()).toMatchObject({ paused: true })
  await eventually(
    async () => ((await reading(metrics, 'longhaul_log_alarm')) === 1 ? true : undefined),
    'the metric says so',
  )
  expect(await reading(metrics, 'longhaul_log_table_rows')).toBe(ROWS)
})

test.each(PRODUCTS)('resumed, the log of %s runs empty, and the alarm ends', async (product) => {
  const { sandbox, metrics } = there(product)
  await sandbox.update('resume', {})
  await drained(sandbox)
  await eventually(
    async () => ((await reading(metrics, 'longhaul_log_table_rows')) === 0 ? true : undefined),
    'the metric says so',
  )
  expect(await reading(metrics, 'longhaul_log_alarm')).toBe(0)
})

function there(product: Product): { readonly sandbox: Sandbox; readonly metrics: number } {
  const found = all.get(product)
  if (found === undefined) throw new Error(`no ${product}`)
  return found
}

/** What the worker's page for Prometheus says of the source. */
const reading = (port: number, name: string): Promise<number | undefined> =>
  metric(port, name, 'source="app"')
