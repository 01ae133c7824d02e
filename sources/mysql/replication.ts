import { SyncError } from '../../model/errors.ts'
import type { Finding } from '../../model/finding.ts'
import type { Client, NamedTexts } from './client.ts'

/** What a server says of each server it replicates from. PRIVILEGE_MISSING where the account may not ask. */
export const channelsOf = (client: Client): Promise<readonly NamedTexts[]> =>
  client.named(`SHOW ${wordsFor(client)} STATUS`)

/** MySQL knows the new word from 8.0.22 on and the old one to 8.4. MariaDB shows connections with a name only with ALL. */
function wordsFor({ mariadb, server }: Client): string {
  if (mariadb) return 'ALL SLAVES'
  const [major = 0, minor = 0, patch = 0] = (/[\d.]+$/.exec(server)?.[0] ?? '')
    .split('.')
    .map(Number)
  return major > 8 || minor > 0 || patch >= 22 ? 'REPLICA' : 'SLAVE'
}

/**
 * Rows that row-based replication writes run no triggers in MySQL, and in MariaDB not all they should, whatever
 * slave_run_triggers_for_rbr says: a capture on a replica would miss them, and nothing would be noticed. Of two
 * servers that replicate from each other either may be the one an application writes to, so it can be accepted.
 */
export async function replicaFindings(
  client: Client,
  settings: ReadonlyMap<string, string>,
): Promise<readonly Finding[]> {
  const finding = (text: string, blocks: boolean): readonly Finding[] => [
    { code: 'SOURCE_REPLICA', about: client.options.address, text, blocks },
  ]
  const channels = await askedOf(client)
  const from = channels === null ? await guessed(client) : channels.map(primaryOf).join(', ')
  if (from !== '')
    return finding(
      `It replicates from ${from}, and triggers do not see all that comes from there: connect to the primary, ` +
        'or accept SOURCE_REPLICA when the application writes these tables here alone',
      true,
    )
  if (settings.get('read_only') !== 'OFF')
    return finding(
      'It is read only, as replicas are: connect to the primary, or SET GLOBAL read_only = 0 if this is it',
      true,
    )
  if (channels !== null || !(await hasForeign(client))) return []
  const right = client.mariadb ? 'REPLICA MONITOR' : 'REPLICATION CLIENT'
  return finding(
    `It has taken over transactions of another server, and the account may not ask whether it still does: GRANT ${right} ON *.* to it, so that a replica is refused`,
    false,
  )
}

async function askedOf(client: Client): Promise<readonly NamedTexts[] | null> {
  try {
    return await channelsOf(client)
  } catch (error) {
    if (error instanceof SyncError && error.code === 'PRIVILEGE_MISSING') return null
    throw error
  }
}

const primaryOf = (channel: NamedTexts): string =>
  `${channel['Source_Host'] ?? channel['Master_Host'] ?? ''}:${channel['Source_Port'] ?? channel['Master_Port'] ?? ''}`

/** MariaDB tells everybody how many of its replications run. */
async function guessed(client: Client): Promise<string> {
  const [running] = await client.select(`SHOW GLOBAL STATUS LIKE 'Slaves_running'`)
  return Number(running?.[1] ?? 0) > 0 ? 'another server' : ''
}

/** Whether it has ever executed what another server wrote; a primary that once was a replica has too. */
async function hasForeign(client: Client): Promise<boolean> {
  if (client.mariadb) {
    const [row] = await client.select('SELECT @@global.gtid_slave_pos')
    return (row?.[0] ?? '') !== ''
  }
  const [row] = await client.select('SELECT @@server_uuid, @@global.gtid_executed')
  const [own = '', executed = ''] = row ?? []
  const origins = (executed ?? '').split(',').map((set) => set.trim())
  return origins.some((origin) => origin !== '' && !origin.startsWith(own ?? ''))
}
