import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { Link } from './link.ts'
import type { Weather } from './link.ts'

/** Stands between clients and a real server, and does to whole frames of HBase's protocol what it is told. */
export class Proxy {
  readonly #server: Server
  readonly #links = new Set<Link>()
  weather: Weather = {}

  private constructor(target: string) {
    const [host = '', port] = target.split(':')
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const link = new Link(socket, { host, port: Number(port) })
      this.#links.add(link)
      socket.on('close', () => this.#links.delete(link))
      if (this.weather.opened?.(link) !== true) link.join(() => this.weather)
    })
  }

  /** Listens on a free port; `target` is host:port of the real server. */
  static async to(target: string): Promise<Proxy> {
    const proxy = new Proxy(target)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** How many connections clients hold now. */
  get open(): number {
    return this.#links.size
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
