import { HBaseError } from './errors.ts'
import { isIPv6 } from 'node:net'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Where to connect (`host` or `host:port`) instead of what the cluster publishes (either form). */
export type Hosts = Readonly<Record<string, string>>

/** host:port or [IPv6]:port. Throws CONFIGURATION for anything else. */
export function parseAddress(text: string): Address {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  const host = parts?.[1] ?? parts?.[2]
  const port = Number(parts?.[3])
  if (host === undefined || port < 1 || port > 65_535) {
    throw new HBaseError('CONFIGURATION', { detail: `"${text}" is not host:port` })
  }
  return { host, port }
}

export const formatAddress = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/**
 * The address to connect to for one the cluster publishes. An entry for host:port goes before one
 * for the host, so that several servers behind one address can be told apart by their ports.
 */
export function reachable(server: string, hosts: Hosts): Address {
  const { host, port } = parseAddress(server)
  const instead = entry(hosts, formatAddress(host, port)) ?? entry(hosts, host)
  return instead === undefined ? { host, port } : placeOf(instead, port)
}

/** Throws CONFIGURATION when an entry cannot be used, before anything is connected. */
export function checkHosts(hosts: Hosts): void {
  for (const instead of Object.values(hosts)) placeOf(instead, 1)
}

/** A name or address without a port keeps the one that was published. */
function placeOf(text: string, port: number): Address {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  if (isIPv6(bare)) return { host: bare, port }
  return /^[^:[\]]+$/.test(text) ? { host: text, port } : parseAddress(text)
}

const entry = (hosts: Hosts, key: string): string | undefined =>
  Object.hasOwn(hosts, key) ? hosts[key] : undefined
