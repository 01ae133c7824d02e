import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import type { CertifiedTable } from '../../model/project.ts'
import { startWitness, type Witness } from '../../services/index.ts'
import { judge } from './judge.ts'
import { eventually, fill, startWriter, type Writer } from './live.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

/** Verifications in each mode; VERIFY_RUNS asks for more, and what they did is printed then. */
const ASKED = process.env['VERIFY_RUNS']
const RUNS = Number(ASKED ?? 2)
const WRITERS = 8
const ROWS = 2_000
/** Of each writer between two statements: some hundred rows are always on their way to HBase. */
const PAUSE_MS = 25
const MODES = ['points', 'buckets', 'sample', 'count'] as const
const SAMPLE = 'sample: { percent: 80 }'

/** What the verifications in one mode have done. */
interface Tally {
  runs: number
  rows: number
  differences: number
  /** Those that left rows undecided, because they did not keep still. */
  undecided: number
  seconds: number
}

describe.each<Product>(['mysql', 'mariadb'])('while eight writers write, on %s', (product) => {
  let sandbox: Sandbox
  let witness: Witness
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
      writers.push(
        startWriter(await sandbox.open(), 'goods', ROWS, {
          first: (i + 1) * 1_000_000,
          pauseMs: PAUSE_MS,
        }),
      )
    witness = await startWitness({ address: inject('hbase') }, () => undefined)
  })
  afterEach(async () => {
    await witness.close()
    await sandbox.close()
  })

  test(
    'T88 a verification reports no difference that is none',
    async () => {
      const tallies = await Promise.all(MODES.map((mode) => verifiedOften(mode)))
      // The control: who looks once, and not again, sees differences
      expect(await seenAtOnce()).toBeGreaterThan(0)
      for (const writer of writers) await writer.stop()
      const statements = writers.reduce((sum, writer) => sum + writer.statements(), 0)
      if (ASKED !== undefined) print(product, tallies, statements)
      for (const tally of tallies) expect(tally).toMatchObject({ runs: RUNS, differences: 0 })
      expect(statements).toBeGreaterThan(500)
      await Promise.all(MODES.map((mode) => cleanAtLast(mode)))
    },
    180_000 + RUNS * 60_000,
  )

  const verifiedOften = async (mode: string): Promise<Tally> => {
    const tally: Tally = { runs: 0, rows: 0, differences: 0, undecided: 0, seconds: 0 }
    for (let run = 0; run < RUNS; run++) {
      const began = performance.now()
      if (run > 0) await sandbox.update('verify', {}, mode)
      const { rows, differencesFound, clean } = await verified(mode)
      expect(rows).toBeGreaterThan(1_000)
      tally.runs++
      tally.rows += rows
      tally.differences += differencesFound
      if (!clean) tally.undecided++
      tally.seconds += (performance.now() - began) / 1000
    }
    return tally
  }

  const cleanAtLast = (mode: string): Promise<true> =>
    eventually(
      async () => {
        await sandbox.update('verify', {}, mode)
        return (await verified(mode)).clean || undefined
      },
      `${mode} is clean when nobody writes any more`,
      120,
    )

  /** What the next certificate says. */
  const issued: Record<string, string> = {}
  const verified = async (project: string): Promise<CertifiedTable> => {
    const certificate = await sandbox.until(
      ({ phase, certificate }) =>
        phase === 'switch' && certificate !== null && certificate.issuedAt !== issued[project]
          ? certificate
          : undefined,
      { project, seconds: 300 },
    )
    issued[project] = certificate.issuedAt
    expect(certificate.tables).toMatchObject([{ name: 'goods', mode: project }])
    return certificate.tables[0] as CertifiedTable
  }

  const seenAtOnce = async (): Promise<number> => {
    const [mapping] = sandbox.mappings('points')
    if (mapping === undefined) throw new Error('no mapping')
    return (await judge(witness, sandbox.admin, mapping)).differences.length
  }
})

function print(product: string, tallies: readonly Tally[], statements: number): void {
  const lines = tallies.map(
    ({ runs, rows, differences, undecided, seconds }, i) =>
      `  ${MODES[i]}: ${runs} verifications, ${rows} rows compared, ${differences} differences reported, ` +
      `${undecided} with rows that never kept still, ${(seconds / runs).toFixed(1)} s each`,
  )
  process.stdout.write(
    `${product}, ${statements} statements by ${WRITERS} writers meanwhile\n${lines.join('\n')}\n`,
  )
}
