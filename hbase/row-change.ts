import { CellReader, NameCache } from './wire/cellblock.ts'
import { ConditionalRequest, MutateRequest, MutateResponse } from './wire/mutation-messages.ts'
import { checkMutation, checkRow } from './check.ts'
import { encodeColumns, encodeCondition } from './row-encoding.ts'
import type { AppendColumn, CheckedMutation, IncrementColumn, Place } from './row-encoding.ts'
import type { Deadline } from './deadline.ts'
import { Empty } from './wire/messages.ts'
import { HBaseError } from './errors.ts'
import { KeyType } from './types.ts'
import type { Cell, Result } from './types.ts'
import type { Wires } from './wires.ts'
import { callRow } from './row-call.ts'
import { decodeReply, understand } from './call.ts'
import { parseMultiResponse } from './multi-response.ts'
import { newNonce } from './nonce.ts'
import { specifierOf } from './region.ts'

const MUTATE = { name: 'Mutate', request: MutateRequest, response: MutateResponse }
const MULTI = { name: 'Multi', request: ConditionalRequest, response: Empty }

/** MutationProto.MutationType */
const APPEND = 0
const INCREMENT = 1
const PUT = 2
const DELETE = 3

/** Together with the nonce it tells the changes of all clients apart (PerClientRandomNonceGenerator). */
const NONCE_GROUP = newNonce()

/** `HBaseClient.increment` and `append`: repeated only with the nonce of the first time. */
export function changeRow(
  wires: Wires,
  { table, row, maxCellBytes }: Place,
  columns: readonly (IncrementColumn | AppendColumn)[],
  deadline: Deadline,
): Promise<Result> {
  checkRow(row, table)
  const type = columns[0] !== undefined && 'by' in columns[0] ? INCREMENT : APPEND
  const encoded = encodeColumns(columns, { table, row, maxCellBytes })
  const mutation = { row, type, columns: encoded, nonce: newNonce() }
  const call = {
    table,
    row,
    method: MUTATE,
    // A server that has done it already answers what the row holds (RSRpcServices.increment).
    repeatable: true,
    question: ({ name }: { readonly name: Buffer }) => ({
      region: specifierOf(name),
      mutation,
      nonceGroup: NONCE_GROUP,
    }),
  }
  return callRow(wires, call, deadline, (reply) => {
    const { result } = decodeReply(MUTATE, reply)
    return understand('Mutate', () => {
      const reader = new CellReader(reply.cells, new NameCache())
      const cells = Array.from({ length: result?.cells ?? 0 }, (_, i) => reader.next(i))
      return { row, cells }
    })
  })
}

/** `HBaseClient.checkAndMutate`: one atomic RegionAction with a condition. */
export function checkAndChange(
  wires: Wires,
  table: string,
  checked: CheckedMutation & { readonly maxCellBytes: number },
  deadline: Deadline,
): Promise<boolean> {
  const { row, cells, maxCellBytes } = checked
  const wrong = checkMutation({ row, cells }, { maxCellBytes, atomic: true })
  if (typeof wrong === 'string') throw new HBaseError(wrong, { table })
  const condition = encodeCondition(checked, table)
  const call = {
    table,
    row,
    method: MULTI,
    repeatable: false,
    question: ({ name }: { readonly name: Buffer }) => ({
      regionActions: [
        { region: specifierOf(name), atomic: true, actions: actions(row, cells), condition },
      ],
    }),
  }
  return callRow(wires, call, deadline, ({ parameter }) => {
    const [result] = parseMultiResponse(parameter, 1)
    if (result?.fault !== undefined) throw result.fault
    return result?.processed === true
  })
}

/** Markers first, as everywhere: at the same timestamp they hide the value whatever the order. */
const actions = (row: Uint8Array, cells: readonly Cell[]) =>
  [
    { type: DELETE, of: cells.filter(({ type }) => type !== KeyType.put) },
    { type: PUT, of: cells.filter(({ type }) => type === KeyType.put) },
  ]
    .filter(({ of }) => of.length > 0)
    .map(({ type, of }, index) => ({
      index,
      mutation: { row, type, columns: of.map(columnOf) },
    }))

const columnOf = ({ family, qualifier, timestamp, value, type }: Cell) => ({
  family,
  values: [
    type === KeyType.put
      ? { qualifier, timestamp, value }
      : { qualifier, timestamp, deleteType: DELETE_TYPES.get(type) },
  ],
})

/** MutationProto.DeleteType */
const DELETE_TYPES: ReadonlyMap<number, number> = new Map([
  [KeyType.delete, 0],
  [KeyType.deleteColumn, 1],
  [KeyType.deleteFamily, 2],
  [KeyType.deleteFamilyVersion, 3],
])
