import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServices, type RunningService, type ServiceName } from '../../services/index.ts'

type Options = Partial<Parameters<typeof startServices>[1]>

const VARIABLES = [
  'LONGHAUL_TEMPORAL_ADDRESS',
  'LONGHAUL_HBASE',
  'LONGHAUL_MYSQL',
  'LONGHAUL_MARIADB',
]

export interface OwnServers<Name extends ServiceName> {
  readonly servers: Readonly<Record<Name, RunningService>>
  close(): Promise<void>
}

/** Servers that no other test uses, so that they may be killed; also where the environment names shared ones. */
export const startOwn = <Name extends ServiceName>(...names: Name[]): Promise<OwnServers<Name>> =>
  startOwnWith({}, ...names)

/** The same, with settings of their own. */
export async function startOwnWith<Name extends ServiceName>(
  options: Options,
  ...names: Name[]
): Promise<OwnServers<Name>> {
  const folder = mkdtempSync(join(tmpdir(), 'longhaul-own-'))
  const given = VARIABLES.map((name) => [name, process.env[name]] as const)
  for (const [name] of given) Reflect.deleteProperty(process.env, name)
  try {
    const servers = await startServices(names, { ...options, folder, log: () => undefined })
    return {
      servers,
      async close() {
        await Promise.all(names.map((name) => servers[name].stop()))
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } finally {
    for (const [name, value] of given) if (value !== undefined) process.env[name] = value
  }
}

/** As after a power cut: gone at once, away for a while, then there again on the same port. */
export async function crash(server: RunningService, awayMs: number): Promise<void> {
  await server.kill('SIGKILL')
  await new Promise((resolve) => setTimeout(resolve, awayMs))
  await server.restart()
}
