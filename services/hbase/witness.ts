import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, intoCache } from '../cache.ts'
import type { Log } from '../contract.ts'
import { findClasspath } from './classpath.ts'
import { javaCommand } from './java.ts'
import { JVM_OPTIONS } from './settings.ts'
import { isExecutable, onPath, run } from '../run.ts'

const SOURCE = fileURLToPath(new URL('../witness/Witness.java', import.meta.url))
const LOGGING = fileURLToPath(new URL('../witness/log4j2.properties', import.meta.url))

export interface JavaProgram {
  readonly command: string
  readonly arguments: readonly string[]
}

/** The witness, compiled once per version of its source; no binary of it is in the repository. */
export async function witnessProgram(log: Log, signal: AbortSignal): Promise<JavaProgram> {
  const java = await javaCommand()
  const { classpath } = await findClasspath(log, signal)
  const classes = await compiled(java, classpath, { log, signal })
  const options = [...JVM_OPTIONS, '-Xms32m', '-Xmx256m']
  const path = (folder: string): string => `${folder}${delimiter}${classpath}`
  const main = classes === undefined ? SOURCE : 'Witness'
  return {
    command: java,
    arguments: [...options, '-cp', path(classes ?? dirname(LOGGING)), main],
  }
}

/** Undefined when there is no compiler: Java then compiles the source itself, if it is a JDK. */
async function compiled(
  java: string,
  classpath: string,
  tools: { readonly log: Log; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const javac = [join(dirname(java), 'javac'), onPath('javac')].find(
    (file) => file !== undefined && isExecutable(file),
  )
  const hash = createHash('sha256')
  for (const file of [SOURCE, LOGGING]) hash.update(await readFile(file))
  const key = `witness-${hash.digest('hex').slice(0, 12)}`
  const ready = cached(key)
  if (ready !== undefined) return ready
  if (javac === undefined) {
    await requireJdk(java)
    return undefined
  }
  return intoCache(key, tools, async (staging) => {
    await mkdir(staging, { recursive: true })
    const options = ['--release', '11', '-nowarn', '-proc:none', '-cp', classpath, '-d', staging]
    await run(javac, [...options, SOURCE], { signal: tools.signal, timeoutMs: 120_000 })
    await copyFile(LOGGING, join(staging, 'log4j2.properties'))
  })
}

async function requireJdk(java: string): Promise<void> {
  const modules = await run(java, ['--list-modules'], { timeoutMs: 20_000 })
  if (modules.includes('jdk.compiler')) return
  throw new Error(
    `The witness needs a JDK; ${java} is only a runtime. Install one, for example with ` +
      '"apt install default-jdk-headless".',
  )
}
