import { HBaseError } from './errors.ts'
import { NameBytes } from './wire/messages.ts'
import { Reader } from './wire/reader.ts'
import { RemoteFault } from './faults.ts'
import { asBuffer } from './wire/message.ts'
import { understand } from './call.ts'

export interface ActionResult {
  /** The index the action was sent with (positions from 0 in an atomic RegionAction). */
  readonly index: number
  /** How many cells of the cellblock are its own. */
  readonly cells: number
  readonly fault: RemoteFault | undefined
}

export interface PartResult {
  /** Of the whole RegionAction; then there are no actions. */
  readonly fault: RemoteFault | undefined
  readonly processed: boolean
  readonly actions: readonly ActionResult[]
}

/**
 * Reads a MultiResponse; the results are in the order of the RegionActions sent, the actions inside
 * in any order. By hand, since there is one entry for every row written. Throws PROTOCOL.
 *   MultiResponse      1* RegionActionResult
 *   RegionActionResult 1* ResultOrException, 2 exception, 3 processed
 *   ResultOrException  1 index, 2 Result, 3 exception
 *   Result             2 associated_cell_count
 */
export function parseMultiResponse(parameter: Buffer, parts: number): PartResult[] {
  const results = understand('Multi', () => partResults(new Reader(parameter)))
  if (results.length !== parts) {
    throw new HBaseError('PROTOCOL', { detail: `Multi: ${results.length} results for ${parts}` })
  }
  return results
}

function partResults(reader: Reader): PartResult[] {
  const results: PartResult[] = []
  while (reader.more) {
    const tag = reader.uint()
    if (tag === FIELD_1) results.push(partResult(reader.nested()))
    else reader.skip(tag & 7)
  }
  return results
}

const FIELD_1 = 10
const FIELD_2 = 18
const FIELD_3 = 26
const FIELD_1_NUMBER = 8
const FIELD_2_NUMBER = 16
const FIELD_3_NUMBER = 24

function partResult(reader: Reader): PartResult {
  const actions: ActionResult[] = []
  let fault: RemoteFault | undefined
  let processed = false
  while (reader.more) {
    const tag = reader.uint()
    if (tag === FIELD_1) actions.push(actionResult(reader))
    else if (tag === FIELD_2) fault = exception(reader)
    else if (tag === FIELD_3_NUMBER) processed = reader.uint() !== 0
    else reader.skip(tag & 7)
  }
  return { fault, processed, actions }
}

function actionResult(reader: Reader): ActionResult {
  const end = reader.enter()
  let index = 0
  let cells = 0
  let fault: RemoteFault | undefined
  while (reader.position < end) {
    const tag = reader.uint()
    if (tag === FIELD_1_NUMBER) index = reader.uint()
    else if (tag === FIELD_2) cells = cellCount(reader)
    else if (tag === FIELD_3) fault = exception(reader)
    else reader.skip(tag & 7)
  }
  reader.leave(end)
  return { index, cells, fault }
}

function cellCount(reader: Reader): number {
  const end = reader.enter()
  let count = 0
  while (reader.position < end) {
    const tag = reader.uint()
    if (tag === FIELD_2_NUMBER) count = reader.uint()
    else reader.skip(tag & 7)
  }
  reader.leave(end)
  return count
}

/** NameBytesPair of class name and stack trace; there is no do_not_retry flag here. */
function exception(reader: Reader): RemoteFault {
  const { name, value } = NameBytes.decode(reader.block())
  return new RemoteFault(name ?? '', value === undefined ? '' : asBuffer(value).toString())
}
