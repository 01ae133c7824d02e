import { createInterface } from 'node:readline'

/** What a loader is told: which table goes where, and how its row keys are made; 0 is no salt. */
export interface Order {
  readonly source: string
  readonly target: string
  readonly family: string
  readonly salt: number
  readonly key: string
  readonly rows: number
}

/** A loader in a process of its own: an order on a line of standard input, its answer as a line of JSON. */
export async function serveOrders(
  commands: Readonly<Record<string, (order: Order) => Promise<object>>>,
): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [command = '', source = '', target = '', family = '', salt, key = '', rows] =
      line.split(' ')
    const run = commands[command]
    if (run === undefined) break
    const order = { source, target, family, salt: Number(salt), key, rows: Number(rows) }
    process.stdout.write(`${JSON.stringify(await run(order))}\n`)
  }
  process.exit(0)
}

/** As the other end writes it. */
export const lineOf = (command: string, order: Order): string => {
  const { source, target, family, salt, key, rows } = order
  return [command, source, target, family, salt, key, rows].join(' ')
}
