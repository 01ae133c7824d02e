import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { beforeAll, describe, expect, test } from 'vitest'
import { workflowBundle } from '../../workers/bundle.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const RECORDED = readdirSync(FOLDER).filter((file) => file.endsWith('.json'))
const text = (file: string): string => readFileSync(FOLDER + file, 'utf8')

let bundle: Awaited<ReturnType<typeof workflowBundle>>
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  bundle = await workflowBundle()
})

const replay = (history: string): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: bundle }, JSON.parse(history) as object)

/** A failure here means that projects running at the moment of an upgrade would get stuck. */
describe('recorded histories', () => {
  test('there is one of every workflow', () => {
    const types = new Set(RECORDED.map((file) => file.split('-')[0]))
    expect([...types].sort()).toEqual([
      'applyChanges',
      'correctTable',
      'loadTable',
      'migrateProject',
      'releaseProject',
      'switchOver',
      'verifyTable',
    ])
  })

  test.each(RECORDED)('%s replays', async (file) => {
    await replay(text(file))
  })

  test('a renamed activity is noticed', async () => {
    const renamed = text('loadTable-1.json').replaceAll('"copyRange"', '"copyChunk"')
    await expect(replay(renamed)).rejects.toThrow(/[Nn]ondeterminism|TMPRL1100/)
  })

  test('an activity that is no longer called is noticed', async () => {
    const other = text('switchOver-1.json').replaceAll('"readLag"', '"readLog"')
    await expect(replay(other)).rejects.toThrow(/[Nn]ondeterminism|TMPRL1100/)
  })
})
