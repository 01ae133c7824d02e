import type { RowMutation, StoredColumn } from '../model/mutation.ts'
import type { KeyText } from '../model/value.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Difference } from './compare-rows.ts'

/** Where differences are listed by key; a key is row data and stays out of the history. */
export const DIFF_TABLE = { table: 'longhaul:diff', families: ['d'], owner: 'longhaul', splits: [] }

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const FAMILY = bytes('d')
const KEY: StoredColumn = { family: FAMILY, qualifier: bytes('key') }
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
    differences.map(({ key, verdict, columns }, i): RowMutation => ({
      kind: 'put',
      row: bytes(key === null ? `${list}|foreign|${version}|${i}` : `${list}|key|${key}`),
      version,
      families: [FAMILY],
      cells: [
        ...(key === null ? [] : [{ column: KEY, value: bytes(key) }]),
        { column: VERDICT, value: bytes(verdict) },
        { column: COLUMNS, value: bytes(columns.join(' ')) },
      ],
    })),
    { atomic: false },
  )
}

/** The keys that differ, a page at a time. Rows of strangers have none. */
export async function* readDifferences(sink: Sink, list: string): AsyncIterable<KeyText[]> {
  const from = bytes(`${list}|`)
  const to = bytes(`${list}}`) // `}` is the byte after `|`
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  for await (const page of sink.scan(DIFF_TABLE.table, { from, to }))
    yield page.flatMap(({ cells }) => {
      const cell = cells.find(({ qualifier }) => Buffer.compare(qualifier, KEY.qualifier) === 0)
      return cell === undefined ? [] : [utf8.decode(cell.value)]
    })
}
