import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log } from '../../services/contract.ts'
import { readLock } from '../../services/jar-lock.ts'
import { fromMaven } from '../../services/maven.ts'
import { firstOf } from '../../services/places.ts'

const LOCK = fileURLToPath(new URL('jars.lock', import.meta.url))

/** MySQL's own JDBC driver, which reads MariaDB too. */
export async function connectorJars(log: Log): Promise<readonly string[]> {
  const sum = createHash('sha256').update(await readFile(LOCK))
  const { signal } = new AbortController()
  const key = `connector-${sum.digest('hex').slice(0, 12)}`
  const { jars } = await firstOf({
    what: 'Connector/J',
    places: fromMaven({ what: 'Connector/J', lock: LOCK, key, log, signal }, (folder) =>
      Promise.resolve({ jars: readLock(LOCK).map(({ name }) => join(folder, name)) }),
    ),
    advice: 'Install Maven, or set MAVEN_REPO_URL to a Maven repository.',
    log,
    signal,
  })
  return jars
}
