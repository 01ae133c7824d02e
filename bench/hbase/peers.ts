import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Log, RunningService } from '../../services/contract.ts'
import { startChild } from '../child.ts'
import { compileJava } from '../java.ts'
import { installPeer } from '../hbase-rpc-client/index.ts'
import { peakMb } from '../machine.ts'
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
  const java = await compileJava(here('Peer.java'), { folder, log: options.log })
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

function start(command: string, words: readonly string[]): Peer {
  const { pid, ask, close } = startChild(command, words)
  return {
    pid,
    write: (table, rows) => ask<Pass>(`write ${table} ${rows}`),
    scan: (table) => ask<Scanned>(`scan ${table}`),
    single: (table, count) => ask<Singles>(`single ${table} ${count}`),
    peakMb: () => peakMb(pid),
    close,
  }
}
