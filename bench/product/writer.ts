// The application of the lag measurement, a process of its own: writer.ts HOST PORT USER PASSWORD
//   write RATE COUNT FIRST AT     COUNT changes, one each 1/RATE s from AT on, numbered from FIRST; answers when each committed
// It is open-loop: a change is made when it is due, whether or not the ones before have ended. What the source
// makes it wait is part of the lag and is not left out.
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPool } from 'mysql2/promise'
import { clockMs } from './clock.ts'
import { CLOCK_SLOTS, CLOCK_TABLE } from './clock-table.ts'

/** More at a time wait for each other in the source. */
const CONNECTIONS = 16

const [host = '', port = '', user = '', password = ''] = process.argv.slice(2)
const pool = createPool({
  ...{ host, port: Number(port), user, password },
  connectionLimit: CONNECTIONS,
  maxIdle: CONNECTIONS,
})

async function write(rate: number, count: number, first: number, at: number): Promise<number[]> {
  const committed = new Array<number>(count).fill(0)
  const changes: Promise<void>[] = []
  const change = async (no: number): Promise<void> => {
    const number = first + no
    await pool.execute(`UPDATE ${CLOCK_TABLE} SET n = GREATEST(n, ?) WHERE slot = ?`, [
      number,
      number % CLOCK_SLOTS,
    ])
    committed[no] = clockMs() - at
  }
  while (changes.length < count) {
    const due = Math.min(count, Math.floor(((clockMs() - at) * rate) / 1000) + 1)
    while (changes.length < due) changes.push(change(changes.length))
    await sleep(1)
  }
  await Promise.all(changes)
  return committed
}

// Connections are opened before the first change is due
await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.query('SELECT SLEEP(0.05)')))
for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...numbers] = line.split(' ')
  if (command === 'quit') break
  const [rate = 0, count = 0, first = 0, at = 0] = numbers.map(Number)
  process.stdout.write(`${JSON.stringify(await write(rate, count, first, at))}\n`)
}
process.exit(0)
