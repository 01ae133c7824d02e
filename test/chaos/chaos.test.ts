import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runningServices } from '../../services/index.ts'
import { ROOT } from '../../workers/root.ts'
import { without } from '../controls/controls.ts'
import { CONTROLS } from './controls.ts'
import { planOf, SHORT } from './plan.ts'
import type { Product } from './plan.ts'
import { openServers } from './servers.ts'
import { runSeries } from './series.ts'
import { transactionsOf } from './statements.ts'

/** Servers of its own: they are killed. */
const folder = mkdtempSync(join(tmpdir(), 'longhaul-chaos-'))
afterAll(async () => {
  for (const server of await runningServices(folder)) await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** `npm run chaos` runs hundreds; these five have a bit of everything. */
test.each<[Product, readonly number[]]>([
  ['mysql', [8, 23, 31]],
  ['mariadb', [13, 26]],
])(
  'drawn writers and drawn faults lose nothing, on %s',
  async (product, seeds) => {
    const servers = await openServers({ product, folder, keep: true, log: () => undefined })
    try {
      const said: string[] = []
      const results = await runSeries({
        servers,
        seeds,
        size: SHORT,
        folder: join(folder, 'runs'),
        say: (line) => void said.push(line),
      })
      expect({ wrong: results.flatMap(({ wrong }) => wrong), said }).toMatchObject({ wrong: [] })
      for (const { verdict } of results) expect(verdict?.rows).toBeGreaterThan(50)
    } finally {
      await servers.close()
    }
  },
  600_000,
)

test('the same seed draws the same tables, the same writers and the same faults', () => {
  const drawn = (seed: number): string => {
    const plan = planOf(seed)
    const statements = plan.writers.map((_, writer) => {
      const stream = transactionsOf(plan, writer)
      return Array.from({ length: 50 }, () => JSON.stringify(stream.next()))
    })
    return JSON.stringify([plan, statements])
  }
  expect(drawn(7)).toBe(drawn(7))
  expect(drawn(7)).not.toBe(drawn(8))
})

test.each(CONTROLS.map((control) => [control.name, control] as const))(
  'the control "%s" finds what it takes out',
  (_name, control) => {
    const text = readFileSync(join(ROOT, control.file), 'utf8')
    expect(without(text, control)).not.toBe(text)
  },
)
