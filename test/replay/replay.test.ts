import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { beforeAll, describe, expect, test } from 'vitest'
import * as messages from '../../workflows/messages.ts'
import { workflowBundle } from '../../workers/bundle.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const RECORDED = readdirSync(FOLDER).filter((file) => file.endsWith('.json'))
const text = (file: string): string => readFileSync(FOLDER + file, 'utf8')

let bundle: Awaited<ReturnType<typeof workflowBundle>>
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  bundle = await workflowBundle()
})

interface Recorded {
  readonly events: readonly {
    readonly workflowExecutionStartedEventAttributes?: {
      readonly input: { readonly payloads: readonly [{ readonly data: string }] }
    }
    readonly workflowExecutionUpdateAcceptedEventAttributes?: {
      readonly acceptedRequest: { readonly input: { readonly name: string } }
    }
    readonly workflowExecutionSignaledEventAttributes?: { readonly signalName: string }
  }[]
}
const recorded = (file: string): Recorded => JSON.parse(text(file)) as Recorded

/** Names of the updates and signals of a history. */
const toldIn = (file: string): readonly (string | undefined)[] =>
  recorded(file).events.flatMap((event) => [
    event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest.input.name,
    event.workflowExecutionSignaledEventAttributes?.signalName,
  ])

function inputOf(file: string): { readonly mode?: string } {
  const started = recorded(file).events[0]?.workflowExecutionStartedEventAttributes
  const data = started?.input.payloads[0].data ?? ''
  return JSON.parse(Buffer.from(data, 'base64').toString()) as { mode?: string }
}

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

  test('an operator used every control while they were recorded', () => {
    const told = new Set(RECORDED.flatMap(toldIn))
    const controls = Object.values(messages).flatMap((one) =>
      typeof one === 'object' && 'signal' in one ? [one.name] : [],
    )
    expect(controls).toContain('throttle')
    expect([...controls, 'logAlarm'].filter((name) => !told.has(name))).toEqual([])
  })

  test('a table was verified in every mode', () => {
    const files = RECORDED.filter((file) => file.startsWith('verifyTable'))
    const modes = new Set(files.map((file) => inputOf(file).mode))
    expect([...modes].sort()).toEqual(['auto', 'count', 'points', 'sample'])
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
