import { beforeAll, expect, test } from 'vitest'
import { bytes, createTable, openClient, put, show } from './server.ts'
import { bool, int, list, message, nested, uint } from '../../hbase/wire/message.ts'
import type { ValueOf } from '../../hbase/wire/message.ts'
import type { HBaseClient } from '../../hbase/index.ts'
import { openTampered } from './tampering.ts'
import { withReply } from './answers.ts'

// What a server never answers, as long as neither it nor the way to it is broken.
const Answer = message({ index: uint(1), result: nested(2, message({ cells: int(2) })) })
const Answers = message({ answers: list(nested(1, Answer)), processed: bool(3) })
const MultiResponse = message({ regions: list(nested(1, Answers)) })
type AnswerValue = ValueOf<typeof Answer>

const ROWS = ['a', 'b', 'nobody'].map(bytes)

let change: ((answers: readonly AnswerValue[]) => readonly AnswerValue[]) | undefined
let client: HBaseClient
let table: string

beforeAll(async () => {
  table = await createTable(openClient())
  await openClient().mutate(table, [put('a', 1, 'of a'), put('b', 1, 'of b')])
  client = await openTampered({
    answer: (frame) =>
      withReply(frame, (reply) => {
        const made = change
        if (made === undefined) return reply
        const { regions } = MultiResponse.decode(reply.parameter)
        const changed = regions.map(({ answers }) => ({ answers: made(answers) }))
        return { ...reply, parameter: MultiResponse.encode({ regions: changed }) }
      }),
  })
  // Where the region is, is known from here on: the next answers are those to gets.
  await client.get(table, ROWS)
})

test.each<
  [string, (answers: readonly AnswerValue[]) => readonly AnswerValue[], string | undefined]
>([
  ['as the server gave them', (answers) => answers, undefined],
  ['with one row answered twice', (answers) => [...answers, { index: 0 }], 'PROTOCOL'],
  ['with one row not answered', (answers) => answers.slice(0, -1), 'PROTOCOL'],
  ['with one row nobody asked for', (answers) => [...answers, { index: 3 }], 'PROTOCOL'],
  [
    'for each other',
    ([a = {}, b = {}, ...rest]) => [{ ...a, index: 1 }, { ...b, index: 0 }, ...rest],
    'PROTOCOL',
  ],
])('answers to gets %s', async (_how, changed, code) => {
  change = changed
  const got = await client.get(table, ROWS).catch((error: unknown) => error)
  if (code === undefined)
    expect((got as readonly never[]).map(show)).toEqual(['q=of a', 'q=of b', ''])
  else expect(got).toMatchObject({ code, table })
})
