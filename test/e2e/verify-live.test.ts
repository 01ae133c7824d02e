import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { startWitness } from '../../services/index.ts'
import { judge } from './judge.ts'
import { eventually, fill, startWriter, type Writer } from './live.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

/** Verifications of each project; VERIFY_RUNS asks for more. */
const RUNS = Number(process.env['VERIFY_RUNS'] ?? 2)
const WRITERS = 8
const ROWS = 2_000
const MODES = ['points', 'buckets', 'sample', 'count'] as const
const SAMPLE = 'sample: { percent: 80 }'

describe.each<Product>(['mysql', 'mariadb'])('while eight writers write, on %s', (product) => {
  let sandbox: Sandbox
  let writers: Writer[] = []
  beforeEach(async () => {
    sandbox = await openSandbox(product)
    await fill(sandbox, 'goods', ROWS)
    await sandbox.worker()
    for (const mode of MODES)
      await sandbox.start(
        `tables:\n  - { from: $db.goods, to: '$db:${mode}' }\nverify: { mode: ${mode}, correct: never, ${SAMPLE} }`,
        { project: mode },
      )
    writers = []
    for (let i = 0; i < WRITERS; i++)
      writers.push(startWriter(await sandbox.open(), 'goods', ROWS, (i + 1) * 1_000_000))
  })
  afterEach(() => sandbox.close())

  test(
    'T88 a verification reports no difference that is none',
    async () => {
      await Promise.all(MODES.map((mode) => verified(mode)))
      for (let run = 1; run < RUNS; run++)
        await Promise.all(
          MODES.map(async (mode) => {
            await sandbox.update('verify', {}, mode)
            await verified(mode)
          }),
        )
      // The control: who looks once, and not again, sees differences
      expect(await seenAtOnce()).toBeGreaterThan(0)
      for (const writer of writers) await writer.stop()
      expect(writers.reduce((sum, writer) => sum + writer.statements(), 0)).toBeGreaterThan(500)
      for (const mode of MODES) {
        await eventually(
          async () => {
            await sandbox.update('verify', {}, mode)
            return (await verified(mode)) ? true : undefined
          },
          `${mode} is clean when nobody writes any more`,
          120,
        )
      }
    },
    180_000 + RUNS * 60_000,
  )

  /** Waits for the next certificate: it must not know a difference. Returns whether it is clean. */
  const issued: Record<string, string> = {}
  const verified = async (project: string): Promise<boolean> => {
    const certificate = await sandbox.until(
      ({ phase, certificate }) =>
        phase === 'switch' && certificate !== null && certificate.issuedAt !== issued[project]
          ? certificate
          : undefined,
      { project, seconds: 300 },
    )
    issued[project] = certificate.issuedAt
    expect(certificate.tables).toMatchObject([
      { name: 'goods', mode: project, differencesFound: 0 },
    ])
    expect(certificate.tables[0]?.rows).toBeGreaterThan(1_000)
    return certificate.tables.every(({ clean }) => clean)
  }

  const seenAtOnce = async (): Promise<number> => {
    const [mapping] = sandbox.mappings('points')
    if (mapping === undefined) throw new Error('no mapping')
    const witness = await startWitness({ address: inject('hbase') }, () => undefined)
    try {
      return (await judge(witness, sandbox.admin, mapping)).differences.length
    } finally {
      await witness.close()
    }
  }
})
