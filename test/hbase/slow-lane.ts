import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { parseAddress } from '../../hbase/address.ts'

/** A way to a server that can be made silent, as a server is that was stopped: it still accepts. */
export interface SlowLane {
  /** host:port to connect to. */
  readonly address: string
  silence(): void
  resume(): void
  close(): void
}

export async function openSlowLane(server: string): Promise<SlowLane> {
  const sockets = new Set<Socket>()
  let silent = false
  const listener = createServer((near) => {
    const far = connect(parseAddress(server))
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => to.write(chunk))
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.on('error', () => to.destroy())
      if (silent) from.pause()
    }
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    silence: () => {
      silent = true
      for (const socket of sockets) socket.pause()
    },
    resume: () => {
      silent = false
      for (const socket of sockets) socket.resume()
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      listener.close()
    },
  }
}
