import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { formatAddress } from '../../hbase/address.ts'

export interface Relay {
  /** host:port */
  readonly address: string
  readonly port: number
  /** How many connections were taken so far. */
  connections(): number
  close(): Promise<void>
}

/** A port that leads to another one. Without a target it takes connections and never says a word. */
export async function startRelay(
  to?: { readonly host: string; readonly port: number },
  listenAt = '127.0.0.1',
): Promise<Relay> {
  const sockets = new Set<Socket>()
  let taken = 0
  const server = createServer((near) => {
    taken++
    const far = to === undefined ? undefined : connect({ ...to })
    for (const socket of far === undefined ? [near] : [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        near.destroy()
        far?.destroy()
      })
    }
    if (far !== undefined) near.pipe(far).pipe(near)
    else near.resume()
  })
  await new Promise<void>((resolve) => server.listen(0, listenAt, resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: formatAddress(listenAt, port),
    port,
    connections: () => taken,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
      })
    },
  }
}
