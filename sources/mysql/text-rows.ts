import type { Connection } from 'mysql2'
import type { RowPage } from '../../model/page.ts'

/** The driver's packet with one row, valid only while it is handed over. */
export interface RowPacket {
  readonly buffer: Buffer
  readonly offset: number
  readonly end: number
  isEOF(): boolean
}

const NULL = 0xfb

/**
 * Adds a row as the server sends it: each value after its length, which takes one byte, or two, three or eight behind
 * a mark (text resultset rows and length-encoded integers of the MySQL client/server protocol).
 */
export function addTextRow(page: RowPage, { buffer, offset, end }: RowPacket): void {
  const start = page.append(buffer, offset, end)
  const { bytes } = page
  const last = start + end - offset
  let at = start
  for (let column = 0; column < page.columns; column++) {
    const first = bytes[at++] ?? NULL
    if (first === NULL) {
      page.span()
      continue
    }
    let length = first
    if (first > NULL) {
      length = longLength(bytes, at, first)
      at += LENGTH_BYTES[first] ?? 0
    }
    page.span(at, at + length)
    at += length
  }
  if (at !== last) throw new Error('a row of the server has another length than its values')
}

const LENGTH_BYTES: Readonly<Record<number, number>> = { 0xfc: 2, 0xfd: 3, 0xfe: 8 }

function longLength(bytes: Buffer, at: number, mark: number): number {
  if (mark === 0xfc) return bytes.readUInt16LE(at)
  if (mark === 0xfd) return bytes.readUIntLE(at, 3)
  if (mark === 0xfe) return Number(bytes.readBigUInt64LE(at))
  throw new Error('a row of the server cannot be read')
}

type Step = (packet: RowPacket) => Step | null

/** What the driver calls for each packet of rows; it goes on with what it returns. */
interface RunningQuery {
  row: Step
}

/**
 * Runs a query whose rows go into the page as they come: the driver's own rows would be an object for each value.
 * Where the driver does not call `row` any more, it gives rows itself, and that is an error.
 */
export const readTextRows = (connection: Connection, sql: string, page: RowPage): Promise<void> =>
  new Promise((resolve, reject) => {
    const ended = (error: Error | null, rows: unknown): void => {
      if (error !== null) reject(error)
      else if (Array.isArray(rows) && rows.length === 0) resolve()
      else reject(new Error('the driver keeps the rows of the server to itself'))
    }
    const query = connection.query({ sql, rowsAsArray: true, typeCast: false }, ended)
    const running = query as unknown as RunningQuery
    const theirs = running.row
    const ours: Step = (packet) => {
      if (packet.isEOF()) return theirs.call(running, packet)
      addTextRow(page, packet)
      return ours
    }
    running.row = ours
  })
