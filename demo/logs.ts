import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** Copies all logs out of a folder that is going to be deleted. Null when there is none. */
export async function keepLogs(folder: string): Promise<string | null> {
  const kept = `${folder}-logs`
  const found = [
    ...(await logsIn(folder)),
    ...(await Promise.all(SERVERS.map((name) => logsIn(join(folder, 'servers', name))))).flat(),
  ]
  if (found.length === 0) return null
  await mkdir(kept, { recursive: true })
  await Promise.all(found.map((file) => copyFile(file, join(kept, basename(file)))))
  return kept
}

const SERVERS = ['temporal', 'hbase', 'mysql']

const logsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => []))
    .filter((name) => name.endsWith('.log'))
    .map((name) => join(folder, name))
