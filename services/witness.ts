import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Log } from './contract.ts'
import { witnessProgram } from './hbase/witness.ts'

/** One cell; row, family, qualifier and value in hexadecimal. */
export interface WitnessCell {
  readonly row: string
  readonly family: string
  readonly qualifier: string
  readonly timestamp: number
  /** 'Put', or the kind of a delete marker in a raw dump. */
  readonly type?: string
  readonly value: string
}

/** Reads and changes tables with HBase's own client, so that no test has to believe ours. */
export interface Witness {
  /** All cells in HBase's order. `raw` adds delete markers and what they hide. */
  dump(table: string, options?: { readonly raw?: boolean }): AsyncIterable<WitnessCell>
  put(table: string, cell: WitnessCell): Promise<void>
  deleteRow(table: string, row: string, timestamp?: number): Promise<void>
  tables(): Promise<string[]>
  /** Any command of Witness.java; returns its JSON lines. */
  command(...words: readonly string[]): Promise<unknown[]>
  close(): Promise<void>
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** One JVM for many commands; they are answered one after the other. */
export async function startWitness(
  hbase: { readonly address: string },
  log: Log,
): Promise<Witness> {
  const program = await witnessProgram(log, new AbortController().signal)
  const child = spawn(program.command, [...program.arguments, hbase.address], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const talk = conversation(child)
  await drain(talk())
  const command = async (...words: readonly string[]): Promise<unknown[]> => drain(talk(words))
  return {
    dump: (table, options = {}) =>
      talk(['dump', table, ...(options.raw ? ['--raw'] : [])]) as AsyncIterable<WitnessCell>,
    put: async (table, cell) => {
      const { row, family, qualifier, timestamp, value } = cell
      await command('put', table, row, family, qualifier || '-', String(timestamp), value || '-')
    },
    deleteRow: async (table, row, timestamp) => {
      await command('deleterow', table, row, ...(timestamp === undefined ? [] : [`${timestamp}`]))
    },
    tables: async () => (await command('tables')).map((line) => (line as { table: string }).table),
    command,
    close: () => close(child),
  }
}

/** Returns a function that sends one command and yields the JSON lines of its answer. */
function conversation(child: Child): (words?: readonly string[]) => AsyncGenerator {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = `${complaints}${chunk.toString()}`.slice(-2000)
  })
  child.stdin.on('error', () => undefined)
  child.on('error', (error) => {
    complaints = error.message
  })
  let before: Promise<void> = Promise.resolve()
  const next = async (): Promise<string> => {
    const line = await lines.next()
    if (line.done) throw new Error(`The witness has ended. ${complaints.trim()}`)
    return line.value
  }
  return async function* (words) {
    const turn = before
    let done: () => void = () => undefined
    before = new Promise((resolve) => {
      done = resolve
    })
    await turn
    let open = true
    try {
      if (words) child.stdin.write(`${words.join(' ')}\n`)
      while (open) {
        const line = await next()
        open = line.startsWith('{')
        if (open) yield JSON.parse(line) as unknown
        else if (!line.startsWith('end ')) throw new Error(`The witness says: ${line}`)
      }
    } finally {
      // A reader that stopped early leaves lines which the next command must not see.
      while (open) open = (await next()).startsWith('{')
      done()
    }
  }
}

async function drain(lines: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const line of lines) all.push(line)
  return all
}

function close(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
    child.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    child.stdin.end('quit\n')
  })
}
