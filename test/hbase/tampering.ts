import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { Reader } from '../../hbase/wire/reader.ts'
import { RequestHeader } from '../../hbase/wire/messages.ts'
import { afterAll } from 'vitest'
import { openClient } from './server.ts'
import type { ClientOptions, HBaseClient } from '../../hbase/index.ts'

export interface Tampering {
  /** What is sent instead of a request: nothing, the same twice, or something else. */
  request?: (frame: Buffer, method: string) => readonly Buffer[]
  /** What is passed on of an answer; 'cut' swallows it and ends the connection. */
  answer?: (frame: Buffer) => Buffer | 'cut'
  /** Of whom; the region server when left out. */
  of?: 'master'
}

/** A client whose region server (or master) is behind a proxy that changes whole frames. */
export async function openTampered(
  tampering: Tampering,
  options: Partial<ClientOptions> = {},
): Promise<HBaseClient> {
  const { admin } = openClient()
  const [first = ''] = await admin.servers()
  const server = tampering.of === 'master' ? (await admin.clusterStatus()).master : first
  const sockets = new Set<Socket>()
  const proxy = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: Number(server.split(':').at(-1)) })
    const end = () => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', end)
      socket.on('close', end)
    }
    let frames = 0
    cutFrames(near, 6, (frame) => {
      // Preamble and connection header go through as they are.
      const isRequest = frames++ >= 2
      const changed = isRequest ? tampering.request?.(frame, methodOf(frame)) : undefined
      for (const each of changed ?? [frame]) far.write(each)
    })
    cutFrames(far, 0, (frame) => {
      const changed = tampering.answer?.(frame) ?? frame
      if (changed === 'cut') end()
      else near.write(changed)
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  const { port } = proxy.address() as AddressInfo
  return openClient({ hosts: { [server]: `127.0.0.1:${port}` }, ...options })
}

/** Calls with the first `lead` bytes, then with one frame after the other. */
function cutFrames(from: Socket, lead: number, give: (frame: Buffer) => void): void {
  let left = Buffer.alloc(0)
  let begun = lead === 0
  from.on('data', (chunk) => {
    left = Buffer.concat([left, chunk])
    if (!begun && left.length >= lead) {
      give(left.subarray(0, lead))
      left = left.subarray(lead)
      begun = true
    }
    while (begun && left.length >= 4 && left.length >= 4 + left.readUInt32BE(0)) {
      const size = 4 + left.readUInt32BE(0)
      give(left.subarray(0, size))
      left = left.subarray(size)
    }
  })
}

const methodOf = (frame: Buffer): string =>
  RequestHeader.decode(new Reader(frame, 4).block()).methodName ?? ''
