import mysql from 'mysql2/promise'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Address, Launch, Watched } from '../contract.ts'
import { readText, writeWhole } from '../files.ts'
import { until } from '../until.ts'

/** Reads mysql://user:password@host:port. */
export async function givenDatabase(
  text: string,
  variable: string,
): Promise<Address & { readonly version: string }> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url?.hostname || !url.username) {
    throw new Error(`${variable} is not of the form mysql://user:password@host:port.`)
  }
  const address = {
    host: url.hostname,
    port: url.port ? Number(url.port) : 3306,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  }
  return { ...address, version: await askVersion(address) }
}

/** One random password per data folder. */
export async function passwordOf(folder: string): Promise<string> {
  const file = join(folder, 'password')
  const known = (await readText(file))?.trim()
  if (known) return known
  const password = randomBytes(12).toString('hex')
  await writeWhole(file, `${password}\n`)
  return password
}

/** Ready is when the administrator can log in and ask. */
export async function loginWorks(launch: Launch, watched: Watched): Promise<void> {
  const what = `${launch.address.user ?? ''} can log in at port ${launch.address.port}`
  let last = 'no answer'
  const test = async (): Promise<boolean> => {
    try {
      await askVersion(launch.address)
      return true
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
      return false
    }
  }
  try {
    await until({ what, withinMs: 120_000, watched }, test)
  } catch (error) {
    throw new Error(`${(error as Error).message} The last answer was: ${last}`, { cause: error })
  }
}

async function askVersion(address: Address): Promise<string> {
  const { host, port, user, password } = address
  const connection = await mysql.createConnection({
    host,
    port,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    connectTimeout: 5000,
  })
  try {
    const [rows] = await connection.query<mysql.RowDataPacket[]>('SELECT VERSION() AS version')
    return String(rows[0]?.['version'])
  } finally {
    connection.destroy()
  }
}
