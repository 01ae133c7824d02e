import type { Dialect, Source } from '../source.ts'
import { describeTable } from './catalog.ts'
import { openCapture } from './changes.ts'
import { check } from './check.ts'
import { openClient } from './client.ts'
import { loadReader } from './load.ts'
import { costOf } from './cost.ts'
import { options, type MysqlOptions } from './options.ts'
import { isAbsent, placeOf } from './project.ts'
import { rowReader } from './rows.ts'
import { quote } from './names.ts'

/** MySQL 8.0 and MariaDB 10.5, and all that came after them. */
export const mysql: Dialect<MysqlOptions> = {
  name: 'mysql',
  options,

  async open(given): Promise<Source> {
    const client = await openClient(given)
    const load = loadReader(client)
    return {
      server: client.server,
      sealSecret: given.sealKey ?? given.password,
      rows: rowReader(client),
      describe: (table) => describeTable(client, table),
      check: (tables) => check(client, tables),
      cost: (table) => costOf(placeOf(client, ''), table),
      capture: (project) => openCapture(client, project),
      load: (options) => load.read(options),
      async captured() {
        try {
          const rows = await client.select(
            `SELECT project FROM ${quote(given.schema)}.longhaul_unit ORDER BY unit_id`,
          )
          return rows.map(([project]) => project ?? '')
        } catch (error) {
          if (isAbsent(error)) return []
          throw error
        }
      },
      async close() {
        await Promise.all([client.close(), load.close()])
      },
    }
  },
}
