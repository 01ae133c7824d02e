import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import type { TestProject } from 'vitest/node'
import { startServices, type ServiceName } from '../services/index.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** host:port of a master. */
    hbase: string
    mysql: Database
    mariadb: Database
    /** host:port of the frontend. */
    temporal: string
  }
}

/** An administrator's login. */
export interface Database {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

/** What README.md asks for; global, so no test may change it: the one about its absence has a server of its own. */
async function trustTriggers(administrator: Database): Promise<void> {
  const connection = await mysql.createConnection({ ...administrator })
  await connection.query('set global log_bin_trust_function_creators = 1')
  await connection.end()
}

const ALL: readonly ServiceName[] = ['temporal', 'hbase', 'mysql', 'mariadb']

/** Starts the real servers once for all test files; `TEST_SERVICES=mysql,hbase` starts fewer while working on a part. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const wanted = process.env['TEST_SERVICES']?.split(',').filter(Boolean) ?? ALL
  const names = ALL.filter((name) => wanted.includes(name))
  const folder = mkdtempSync(join(tmpdir(), 'longhaul-test-'))
  const servers = await startServices(names, {
    folder,
    log: (line) => process.stdout.write(`${line}\n`),
  })
  for (const name of names) {
    const server = servers[name]
    if (name === 'hbase' || name === 'temporal') {
      project.provide(name, server.address)
      continue
    }
    const { host, port, user = '', password = '' } = server
    project.provide(name, { host, port, user, password })
    await trustTriggers({ host, port, user, password })
  }
  return async () => {
    await Promise.all(names.map((name) => servers[name].stop()))
    rmSync(folder, { recursive: true, force: true })
  }
}
