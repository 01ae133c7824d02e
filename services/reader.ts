import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Log } from './contract.ts'
import { javaCommand } from './hbase/java.ts'
import { JVM_OPTIONS } from './hbase/settings.ts'
import { phoenixClasspath } from './hbase/phoenix.ts'

const SOURCE = fileURLToPath(new URL('witness/Reader.java', import.meta.url))

/** Which of Java's libraries is asked. */
export type Library = 'bytes' | 'phoenix'

/** Reads and writes values as a Java program does, with HBase's `Bytes` and with Phoenix's types. Both throw what Java throws. */
export interface JavaReader {
  /** The text of what Java gets; bytes of a binary type as they are; null where it gets its null. */
  decode(library: Library, type: string, value: Uint8Array): Promise<Buffer | null>
  /** What Java would have written for a text. */
  encode(library: Library, type: string, text: string): Promise<Buffer | null>
  close(): void
}

/** One JVM for many questions, which it answers in their order. Java compiles the source itself, which needs a JDK. */
export async function startReader(log: Log): Promise<JavaReader> {
  const classpath = await phoenixClasspath(log, new AbortController().signal)
  const options = [...JVM_OPTIONS, '-Xmx256m', '-cp', classpath, SOURCE]
  const child = spawn(await javaCommand(), options, { stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting: ((answer: string) => void)[] = []
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = `${complaints}${chunk.toString()}`.slice(-2000)
  })
  child.stdin.on('error', () => undefined)
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line))
  child.once('close', () => {
    for (const answer of waiting.splice(0)) answer(`error the reader has ended. ${complaints}`)
  })

  const ask = async (words: readonly string[], hex: string): Promise<Buffer | null> => {
    const answer = await new Promise<string>((resolve) => {
      waiting.push(resolve)
      child.stdin.write(`${words.join(' ')} ${hex === '' ? '-' : hex}\n`)
    })
    if (answer === 'null') return null
    if (!answer.startsWith('ok ')) throw new Error(answer)
    return answer === 'ok -' ? Buffer.alloc(0) : Buffer.from(answer.slice(3), 'hex')
  }
  return {
    decode: (library, type, value) =>
      ask(['decode', library, type], Buffer.from(value).toString('hex')),
    encode: (library, type, text) =>
      ask(['encode', library, type], Buffer.from(text).toString('hex')),
    close: () => child.stdin.end(),
  }
}
