import { SyncError } from '../../../model/errors.ts'
import type { Finding } from '../../../model/finding.ts'
import type { Client, Session } from '../client.ts'
import { quote } from '../names.ts'
import { isAbsent } from '../project.ts'
import { append } from './append.ts'
import { dedupe } from './dedupe.ts'
import type { LogMode } from './mode.ts'

const MODES = { append, dedupe } as const

/** How the connections file wants the log of this source to be kept. */
export const modeOf = ({ options }: Pick<Client, 'options'>): LogMode => MODES[options.log]

/** How the log that is there is kept, seen by its columns; throws TABLE_UNKNOWN when there is none. */
export async function keptMode(session: Session, schema: string): Promise<LogMode> {
  const log = `${quote(schema)}.longhaul_log`
  const hashed = await session.select(`SHOW COLUMNS FROM ${log} LIKE 'key_hash'`, log)
  return hashed.length > 0 ? dedupe : append
}

/** Throws LOG_MODE when the log that is there is kept in another way: it cannot be turned while triggers write into it. */
export async function expectMode(session: Session, client: Client): Promise<void> {
  const { schema } = client.options
  const kept = await keptMode(session, schema)
  if (kept === modeOf(client)) return
  const rows = await session.select(`SELECT project FROM ${quote(schema)}.longhaul_unit`)
  throw otherMode(client, kept, rows.map(([project]) => project ?? '').join(', '))
}

/** The same before anything is created. */
export async function wrongMode(client: Client): Promise<readonly Finding[]> {
  try {
    await expectMode(client, client)
    return []
  } catch (error) {
    if (!(error instanceof SyncError)) throw error
    const { code, detail: text } = error
    const about = `${client.options.schema}.longhaul_log`
    if (code === 'LOG_MODE') return [{ code, about, text, blocks: true }]
    // Who may not look is told so by the check of privileges
    if (isAbsent(error) || code === 'PRIVILEGE_MISSING') return []
    throw error
  }
}

const otherMode = (client: Client, kept: LogMode, projects: string): SyncError => {
  const { log, schema } = client.options
  return new SyncError(
    'LOG_MODE',
    `${schema}.longhaul_log is kept as log: ${kept.name}, the connections file says log: ${log}. ` +
      `Say log: ${kept.name} there, or release the projects that use it first: ${projects}`,
  )
}
