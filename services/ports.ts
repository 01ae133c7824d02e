import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { readJson, writeJson } from './files.ts'

// Below the range from which Linux and macOS take the local ports of outgoing connections. In that
// range a client that knocks at a dead server can be given the server's own port and talk to itself,
// and the restarted server finds its port taken.
const LOWEST = 17_000
const HIGHEST = 32_000

const handedOut = new Set<number>()

export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(LOWEST, HIGHEST)
    if (handedOut.has(port) || !(await isFree(port))) continue
    handedOut.add(port)
    return port
  }
  throw new Error(`No free port on 127.0.0.1 between ${LOWEST} and ${HIGHEST}. Close some servers.`)
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => {
      resolve(false)
    })
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.close(() => {
        resolve(true)
      })
    })
  })
}

/** The same ports as last time in this folder when all of them are still free, else new ones. */
export async function portsOf<Name extends string>(
  folder: string,
  names: readonly Name[],
): Promise<{ readonly ports: Readonly<Record<Name, number>>; readonly taken: number | undefined }> {
  const file = join(folder, 'ports.json')
  const known = await readJson<Record<Name, number>>(file)
  const taken = known ? await firstTaken(names.map((name) => known[name])) : undefined
  if (known && taken === undefined) return { ports: known, taken }
  const ports = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await freePort()] as const)),
  ) as Record<Name, number>
  await writeJson(file, ports)
  return { ports, taken }
}

async function firstTaken(ports: readonly number[]): Promise<number | undefined> {
  for (const port of ports) if (!(await isFree(port))) return port
  return undefined
}
