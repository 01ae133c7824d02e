import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningService } from '../services/index.ts'
import { DATABASE, PLAYS, type Database } from './database.ts'
import { PLANTED } from './plant.ts'
import { PROJECT, type Files } from './run.ts'

/** The variable of the worker's environment that holds the password. */
export const PASSWORD = 'SHOP_PASSWORD'

/** The two files a user writes. */
export async function writeFiles(
  folder: string,
  database: Database,
  hbase: RunningService,
): Promise<Files> {
  const files = {
    connections: join(folder, 'connections.yaml'),
    project: join(folder, `${PROJECT}.yaml`),
    workerLog: join(folder, 'worker.log'),
  }
  await writeFile(files.connections, connectionsFile(database, hbase))
  await writeFile(files.project, projectFile(database))
  return files
}

const connectionsFile = ({ longhaul }: Database, hbase: RunningService): string => `\
# Where things are, and as whom. Only the worker reads this file.
sources:
  shop:
    address: ${longhaul.host}:${longhaul.port}
    user: ${longhaul.user}
    password: \${env:${PASSWORD}}

clusters:
  main:
    endpoints: ['${hbase.address}']
`

const projectFile = ({ tables }: Database): string => `\
# What is moved where. No login and no secret stands here.
project: ${PROJECT}
source: shop
cluster: main
namespace: shop

tables:
${[PLAYS, PLANTED, ...tables.filter((table) => table !== PLAYS && table !== PLANTED)].map((table) => `  - ${DATABASE}.${table}`).join('\n')}

limits:
  # A small machine: one large table and one small one at a time.
  tablesInParallel: 2
  rangesInParallel: 2
  rowsPerRange: 50000

verify:
  # Differences are corrected without a question.
  correct: auto
`
