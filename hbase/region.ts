import { RegionInfo, RegionSpecifier } from './wire/messages.ts'
import type { RegionInfoValue } from './wire/messages.ts'
import type { Result } from './types.ts'
import { asBuffer } from './wire/message.ts'
import { compareBytes } from './bytes.ts'
import { formatTableName } from './table-name.ts'

/** A range of rows of one table and the server that holds it. A name belongs to one range for ever. */
export interface Region {
  readonly table: string
  readonly name: Buffer
  /** The encoded RegionSpecifier, as every request carries it. */
  readonly specifier: Buffer
  /** First row; empty for the first region. */
  readonly start: Buffer
  /** First row that is not in it any more; empty for the last region. */
  readonly end: Buffer
  /** Creation time; of two overlapping regions the larger id is the newer one. */
  readonly id: bigint
  /** Grows with every opening (info:seqnumDuringOpen): of two places of one region, the newer one. */
  readonly seqNum: bigint
  /**
   * host:port as the cluster publishes it; empty while no server holds the region. Without the start code that
   * tells a server from one before it at the same address, for nothing is taken over from that: its connection
   * is gone, a server refuses regions it has not opened itself, and ids of scanners hold a hash of the whole
   * name (ScannerIdGenerator). Calls that name a server ask the master for its full name (Master.servers).
   */
  readonly server: string
  readonly info: RegionInfoValue
}

const REGION_NAME = 1
const ENCODED_REGION_NAME = 2
const EMPTY = Buffer.alloc(0)

export const META_TABLE = 'hbase:meta'

/** The one region of hbase:meta. */
export const metaRegion = (server: string): Region => {
  const name = Buffer.from('hbase:meta,,1')
  const specifier = RegionSpecifier.encode(specifierOf(name))
  const whole = { start: EMPTY, end: EMPTY, id: 1n, seqNum: 0n }
  return { table: META_TABLE, name, specifier, ...whole, server, info: {} }
}

export const specifierOf = (name: Uint8Array) => ({ type: REGION_NAME, value: name })

/** The 32 hex digits at the end of a name: "table,start,id.digits." (RegionInfo.encodeRegionName). */
export const encodedNameOf = (name: Uint8Array = EMPTY): string =>
  name.at(-1) === DOT ? asBuffer(name.subarray(-33, -1)).toString('latin1') : META_ENCODED

/** What errors and channels say of a region. */
export const placeOf = ({ name, server }: Region) => ({ region: encodedNameOf(name), server })

const DOT = 0x2e
/** hbase:meta,,1 is older than those digits. */
const META_ENCODED = '1588230740'

/** By the encoded name, which is what MoveRegion and MergeTableRegions want. */
export const encodedSpecifier = (encodedName: string) => ({
  type: ENCODED_REGION_NAME,
  value: Buffer.from(encodedName),
})

/** The bounds of a region. */
export interface Bounds {
  readonly start: Uint8Array
  readonly end: Uint8Array
}

/** Is the row inside? */
export const holds = ({ start, end }: Bounds, row: Uint8Array): boolean =>
  compareBytes(row, start) >= 0 && (end.length === 0 || compareBytes(row, end) < 0)

/**
 * Reads a row of hbase:meta. Undefined for what is no region to be used: table states, split
 * parents, replicas.
 */
export function parseMetaRow({ row, cells }: Result): Region | undefined {
  const info = parseRegionInfo(infoColumn(cells, 'regioninfo'))
  if (info?.tableName === undefined || !isInUse(info)) return undefined
  const name = Buffer.from(row)
  return {
    table: formatTableName(info.tableName),
    name,
    specifier: RegionSpecifier.encode(specifierOf(name)),
    start: asBuffer(info.startKey ?? EMPTY),
    end: asBuffer(info.endKey ?? EMPTY),
    id: info.regionId ?? 0n,
    seqNum: seqNumOf(infoColumn(cells, 'seqnumDuringOpen')),
    server: infoColumn(cells, 'server').toString(),
    info,
  }
}

/** Not the parent of a split, nor a read replica. */
const isInUse = ({ split, offline, replicaId }: RegionInfoValue): boolean =>
  split !== true && offline !== true && (replicaId ?? 0) === 0

/** Empty when there is no such column. */
export function infoColumn(cells: Result['cells'], name: string): Buffer {
  const found = cells.find(
    ({ family, qualifier }) =>
      asBuffer(qualifier).toString('latin1') === name &&
      asBuffer(family).toString('latin1') === 'info',
  )
  return found === undefined ? EMPTY : asBuffer(found.value)
}

/** Missing until the region was opened for the first time. */
const seqNumOf = (value: Buffer): bigint => (value.length === 8 ? value.readBigInt64BE() : 0n)

/** "PBUF", then the message (ProtobufUtil.PB_MAGIC). A copy, so that the answer can be freed. */
export const parseRegionInfo = (value: Buffer): RegionInfoValue | undefined =>
  value.toString('latin1', 0, 4) === 'PBUF'
    ? RegionInfo.decode(Buffer.from(value.subarray(4)))
    : undefined
