import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Log, RunningService } from '../../services/contract.ts'
import { JVM_OPTIONS } from '../../services/hbase/settings.ts'
import { hbaseClasspath, javaCommand } from '../../services/index.ts'
import { isExecutable, onPath, run } from '../../services/run.ts'
import { installPeer } from '../hbase-rpc-client/index.ts'
import { peakMb } from './machine.ts'
import type { Pass, Scanned, Singles } from './program.ts'

export interface Peer {
  readonly pid: number
  write(table: string, rows: number): Promise<Pass>
  scan(table: string): Promise<Scanned>
  single(table: string, count: number): Promise<Singles>
  /** The most memory it ever held, in MB; undefined where the system does not tell. */
  peakMb(): number | undefined
  close(): Promise<void>
}

/** Starts a further process of one client. */
type StartPeer = () => Peer

export interface Peers {
  readonly ours: StartPeer
  readonly java: StartPeer
  readonly old: StartPeer
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Compiles the three programs into a folder. Ours runs as plain JavaScript, as it would be shipped. */
export async function compilePeers(
  server: RunningService,
  folder: string,
  options: { readonly log: Log; readonly profile: string | undefined },
): Promise<Peers> {
  await mkdir(folder, { recursive: true })
  await build({
    entryPoints: [here('ours.ts'), here('old.ts')],
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    outExtension: { '.js': '.mjs' },
  })
  const package_ = await installPeer(options.log)
  const java = await compileJava(folder, options.log)
  const profile =
    options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`]
  const script = (name: string) => join(folder, `${name}.mjs`)
  const { address, zookeeper = '' } = server
  return {
    ours: () => start(process.execPath, [...profile, script('ours'), address]),
    old: () => start(process.execPath, [script('old'), package_, zookeeper]),
    java: () => start(java.command, [...java.arguments, address]),
  }
}

/** Plain and warm as on a server: the options of the tests' JVMs spare start time, and cost speed. */
const SLOW_JVM = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
const FAST_JVM = JVM_OPTIONS.filter((option) => !SLOW_JVM.includes(option))

async function compileJava(folder: string, log: Log) {
  const command = await javaCommand()
  const classpath = await hbaseClasspath(log)
  const javac = [join(dirname(command), 'javac'), onPath('javac')].find(
    (file) => file !== undefined && isExecutable(file),
  )
  if (javac === undefined) {
    throw new Error(
      'The benchmark compiles a Java program and needs a JDK, not only a runtime. Install one, ' +
        'for example with "apt install default-jdk-headless".',
    )
  }
  const options = ['--release', '11', '-nowarn', '-proc:none', '-cp', classpath, '-d', folder]
  await run(javac, [...options, here('Peer.java')], { timeoutMs: 120_000 })
  await copyFile(
    here('../../services/witness/log4j2.properties'),
    join(folder, 'log4j2.properties'),
  )
  const path = `${folder}${delimiter}${classpath}`
  return { command, arguments: [...FAST_JVM, '-Xmx1g', '-cp', path, 'Peer'] }
}

type Child = ChildProcessByStdio<Writable, Readable, null>

function start(command: string, words: readonly string[]): Peer {
  const child: Child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async <T>(line: string): Promise<T> => {
    child.stdin.write(`${line}\n`)
    const answer = await lines.next()
    if (answer.done === true) throw new Error(`${command} ended in the middle of "${line}".`)
    return JSON.parse(answer.value) as T
  }
  const pid = child.pid ?? 0
  return {
    pid,
    write: (table, rows) => ask<Pass>(`write ${table} ${rows}`),
    scan: (table) => ask<Scanned>(`scan ${table}`),
    single: (table, count) => ask<Singles>(`single ${table} ${count}`),
    peakMb: () => peakMb(pid),
    close: async () => {
      const ended = once(child, 'close')
      child.stdin.end('quit\n')
      await ended
    },
  }
}
