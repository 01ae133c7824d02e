import { SyncError } from '../../model/errors.ts'
import type { ReplicaLag, SourceLoad } from '../source.ts'
import { openClient, type Client, type NamedTexts } from './client.ts'
import { channelsOf } from './replication.ts'

export interface LoadReader {
  read(options: { readonly replicas: boolean }): Promise<SourceLoad>
  close(): Promise<void>
}

/** Asks a server what it has to do. Its replicas are connected to when somebody wants to know of them. */
export function loadReader(client: Client): LoadReader {
  const { replicas } = client.options
  const opened = new Map<string, Promise<Client>>()

  const open = (address: string): Promise<Client> => {
    const known = opened.get(address)
    if (known !== undefined) return known
    const opening = openClient({ ...client.options, address, connections: 1 })
    opened.set(address, opening)
    return opening
  }
  /** A right that is granted counts for the connections made after it. */
  const forget = (address: string): void => {
    const known = opened.get(address)
    opened.delete(address)
    known?.then((replica) => replica.close()).catch(() => undefined)
  }
  const lagOf = async (address: string): Promise<ReplicaLag> => {
    try {
      return { address, behind: await secondsBehind(await open(address)) }
    } catch (error) {
      forget(address)
      if (!(error instanceof SyncError)) throw error
      return { address, behind: `cannot be asked (${error.code})` }
    }
  }
  return {
    async read(options) {
      const [[running], lags] = await Promise.all([
        client.select(`SHOW GLOBAL STATUS LIKE 'Threads_running'`),
        Promise.all(options.replicas ? replicas.map(lagOf) : []),
      ])
      return { threadsRunning: Number(running?.[1] ?? 0), replicas: lags }
    },
    async close() {
      const all = await Promise.allSettled(opened.values())
      await Promise.all(
        all.flatMap((one) => (one.status === 'fulfilled' ? [one.value.close()] : [])),
      )
    },
  }
}

/** The server's own figure: NULL while its applier is stopped, and it has one row for each channel. */
async function secondsBehind(replica: Client): Promise<number | string> {
  const seconds = (await channelsOf(replica)).map(secondsOf)
  if (seconds.length === 0 || seconds.includes(null)) return 'does not replicate'
  return Math.max(...seconds.map(Number))
}

const secondsOf = (row: NamedTexts): string | null =>
  row['Seconds_Behind_Source'] ?? row['Seconds_Behind_Master'] ?? null
