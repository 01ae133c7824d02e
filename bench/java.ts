import { copyFile } from 'node:fs/promises'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log } from '../services/contract.ts'
import { JVM_OPTIONS } from '../services/hbase/settings.ts'
import { hbaseClasspath, javaCommand } from '../services/index.ts'
import { isExecutable, onPath, run } from '../services/run.ts'

/** A program in Java, ready to be started. */
export interface JavaProgram {
  readonly command: string
  /** Its own arguments come behind these. */
  readonly arguments: readonly string[]
}

interface Compiling {
  readonly folder: string
  /** Jars besides those of HBase. */
  readonly jars?: readonly string[]
  /** Without those of HBase. */
  readonly alone?: boolean
  readonly log: Log
}

/** Plain and warm as on a server: the options of the tests' JVMs spare start time, and cost speed. */
const SLOW_JVM = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
const FAST_JVM = JVM_OPTIONS.filter((option) => !SLOW_JVM.includes(option))
const LOGGING = fileURLToPath(new URL('../services/witness/log4j2.properties', import.meta.url))

/** Compiles one file that uses HBase's client; its class has the name of the file. */
export async function compileJava(
  file: string,
  { folder, jars = [], alone = false, log }: Compiling,
): Promise<JavaProgram> {
  const command = await javaCommand()
  const classpath = [...jars, ...(alone ? [] : [await hbaseClasspath(log)])].join(delimiter)
  const javac = [join(dirname(command), 'javac'), onPath('javac')].find(
    (program) => program !== undefined && isExecutable(program),
  )
  if (javac === undefined) {
    throw new Error(
      'The benchmark compiles a Java program and needs a JDK, not only a runtime. Install one, ' +
        'for example with "apt install default-jdk-headless".',
    )
  }
  const options = ['--release', '11', '-nowarn', '-proc:none', '-cp', classpath, '-d', folder]
  await run(javac, [...options, file], { timeoutMs: 120_000 })
  await copyFile(LOGGING, join(folder, 'log4j2.properties'))
  const path = `${folder}${delimiter}${classpath}`
  return { command, arguments: [...FAST_JVM, '-Xmx1g', '-cp', path, basename(file, '.java')] }
}
