import { createHash } from 'node:crypto'
import { equalBytes } from '../model/bytes.ts'
import type { RowMutation, StoredColumn, StoredRow } from '../model/mutation.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Difference } from './compare-rows.ts'

/** Where differences are listed by key; a key is row data and stays out of the history. */
export const DIFF_TABLE = { table: 'longhaul:diff', families: ['d'], owner: 'longhaul', splits: [] }

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const FAMILY = bytes('d')
const KEY: StoredColumn = { family: FAMILY, qualifier: bytes('key') }
const ROW: StoredColumn = { family: FAMILY, qualifier: bytes('row') }
const VERDICT: StoredColumn = { family: FAMILY, qualifier: bytes('verdict') }
const COLUMNS: StoredColumn = { family: FAMILY, qualifier: bytes('columns') }

/** `list` names one verification of one table. Writing a difference again changes nothing. */
export async function keepDifferences(
  sink: Sink,
  list: string,
  differences: readonly Difference[],
): Promise<void> {
  if (differences.length === 0) return
  await sink.prepare(DIFF_TABLE)
  const version = Date.now()
  await sink.write(
    DIFF_TABLE.table,
    differences.map(({ key, verdict, columns, row }, i): RowMutation => ({
      kind: 'put',
      row: key === null ? foreignRow(list, row, `${version}|${i}`) : bytes(`${list}|key|${key}`),
      version,
      families: [FAMILY],
      cells: [
        ...(key === null ? [] : [{ column: KEY, value: bytes(key) }]),
        ...(row === undefined ? [] : [{ column: ROW, value: row }]),
        { column: VERDICT, value: bytes(verdict) },
        { column: COLUMNS, value: bytes(columns.join(' ')) },
      ],
    })),
    { atomic: false },
  )
}

/** A difference as it is listed; strangers of earlier releases have neither key nor row. */
export type Listed = Pick<Difference, 'key' | 'verdict' | 'columns' | 'row'>

/** What is listed, a page at a time. Nothing was listed yet where there is no list. */
export async function* readDifferences(sink: Sink, list: string): AsyncIterable<readonly Listed[]> {
  await sink.prepare(DIFF_TABLE)
  const from = bytes(`${list}|`)
  const to = bytes(`${list}}`) // `}` is the byte after `|`
  for await (const page of sink.scan(DIFF_TABLE.table, { from, to })) yield page.map(listed)
}

function listed({ cells }: StoredRow): Listed {
  const valueOf = ({ qualifier }: StoredColumn): Uint8Array | undefined =>
    cells.find((cell) => equalBytes(cell.qualifier, qualifier))?.value
  const textOf = (column: StoredColumn): string | null => {
    const value = valueOf(column)
    return value === undefined ? null : utf8.decode(value)
  }
  const row = valueOf(ROW)
  return {
    key: textOf(KEY),
    verdict: (textOf(VERDICT) ?? 'different') as Listed['verdict'],
    columns: (textOf(COLUMNS) ?? '').split(' ').filter(Boolean),
    ...(row === undefined ? {} : { row }),
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** The row key itself may be as long as a row key can be. */
const foreignRow = (list: string, row: Uint8Array | undefined, otherwise: string): Uint8Array =>
  bytes(
    `${list}|foreign|${row === undefined ? otherwise : createHash('sha256').update(row).digest('hex')}`,
  )
