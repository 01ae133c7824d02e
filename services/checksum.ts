import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

export interface Pinned {
  /** Known for most files; the checksum alone decides where it is not. */
  readonly bytes?: number
  readonly sha256: string
}

/** Why the file is not the pinned one; undefined when it is. */
export async function difference(file: string, pinned: Pinned): Promise<string | undefined> {
  const size = await stat(file).then(
    (found) => found.size,
    () => undefined,
  )
  if (size === undefined) return 'it is not there'
  if (pinned.bytes !== undefined && size !== pinned.bytes) {
    return `it has ${size} bytes, the lock says ${pinned.bytes}`
  }
  const sum = await sha256(file)
  return sum === pinned.sha256 ? undefined : `its sha256 is ${sum}, the lock says ${pinned.sha256}`
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}
