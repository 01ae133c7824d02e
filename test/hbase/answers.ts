import { parseResponse } from '../../hbase/call.ts'
import type { Reply } from '../../hbase/call.ts'
import { ResponseHeader } from '../../hbase/wire/messages.ts'
import { Writer } from '../../hbase/wire/writer.ts'

const LENGTH = 4

/** What a frame of a server carries; without cells when it is an exception. */
export const replyOf = (frame: Buffer): Reply => parseResponse(frame.subarray(LENGTH)).reply

/** The frame with another reply in it; exceptions stay what they are. */
export function withReply(frame: Buffer, change: (reply: Reply) => Reply): Buffer {
  const { callId, fault, reply } = parseResponse(frame.subarray(LENGTH))
  if (callId === undefined || fault !== undefined) return frame
  const { parameter, cells } = change(reply)
  const { length } = cells
  const writer = new Writer(LENGTH)
  writer.block(
    ResponseHeader.encode({ callId, cellBlockMeta: length > 0 ? { length } : undefined }),
  )
  writer.block(parameter)
  const changed = Buffer.concat([writer.bytes, cells])
  changed.writeUInt32BE(changed.length - LENGTH, 0)
  return changed
}
