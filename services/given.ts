import type { Address } from './contract.ts'
import { accepts } from './until.ts'

/** A server that the user runs; it must answer, its version is its own affair. */
export async function givenAddress(
  text: string,
  usualPort: number,
): Promise<Address & { readonly version: string }> {
  const { host, port } = parseHostPort(text, usualPort)
  if (await accepts(host, port)) return { host, port, version: 'of unknown version' }
  throw new Error(`nothing answers at ${host}:${port}. Start it, or unset the variable.`)
}

/** Reads `host`, `host:port` or `[::1]:port`. */
export function parseHostPort(
  text: string,
  usualPort: number,
): { readonly host: string; readonly port: number } {
  const parts = /^(?:\[([^\]]+)\]|([^:/\s]+))(?::(\d{1,5}))?$/.exec(text.trim())
  const host = parts?.[1] ?? parts?.[2]
  if (!host) {
    throw new Error(`Not an address: ${text}. Write host:port, for example 127.0.0.1:${usualPort}.`)
  }
  return { host, port: parts?.[3] ? Number(parts[3]) : usualPort }
}

export const formatHostPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
