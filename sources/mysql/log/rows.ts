import type { ChangeKind } from '../../../model/change.ts'
import { SyncError } from '../../../model/errors.ts'
import { RowPage } from '../../../model/page.ts'
import type { KeyText, Value } from '../../../model/value.ts'
import type { Part } from '../../source.ts'
import { captured, type Place, type SourceRow } from '../project.ts'

const KINDS: Readonly<Record<string, ChangeKind>> = {
  N: 'insert',
  U: 'update',
  D: 'delete',
  R: 'refresh',
}

export const LETTERS: Readonly<Record<ChangeKind, string>> = {
  insert: 'N',
  update: 'U',
  delete: 'D',
  refresh: 'R',
}

/** A log row, its mask still in words. */
export interface LogRow {
  readonly seq: bigint
  readonly source: SourceRow
  readonly kind: ChangeKind
  readonly key: KeyText
  readonly words: readonly bigint[]
  readonly time: string
}

interface Wanted {
  /** All tables but these. */
  readonly except?: ReadonlySet<string> | undefined
  readonly part?: Part
}

/** The oldest committed log rows of the project, or those of them that are wanted. A plain read: rows of open transactions are simply not there yet. */
export async function logRows(
  place: Place,
  limit: number,
  { except, part }: Wanted = {},
): Promise<readonly LogRow[]> {
  const read = (await captured(place.client, place)).filter(({ table }) => !except?.has(table))
  if (read.length === 0) return []
  const sources = new Map(read.map((source) => [source.sourceId, source]))
  const words = Math.max(...[...sources.values()].map((source) => source.words))
  const masks = Array.from({ length: words }, (_, word) => `ucn${word}`)
  const within = part === undefined ? '' : ` AND CRC32(key_field) MOD ${part.of} = ${part.no}`
  const page = new RowPage(FIXED + words, { rows: Math.min(limit, MOST_ROOM) })
  await place.client.read(
    `\
SELECT ver, source_id, type_field, key_field, time_field, ${masks.join(', ')}
FROM ${place.at('longhaul_log')}
WHERE source_id IN (${[...sources.keys()].join(', ')})${within} ORDER BY ver LIMIT ${limit}`,
    page,
  )
  return logRowsOf(page, sources)
}

/** Columns before the words of the mask. */
const FIXED = 5
/** Rows for which there is room from the start. */
const MOST_ROOM = 20_000

function logRowsOf(page: RowPage, sources: ReadonlyMap<number, SourceRow>): readonly LogRow[] {
  const rows: LogRow[] = []
  const part = letters(page)
  // Most rows share a few masks
  const masks = new Map<string, readonly bigint[]>()
  for (let row = 0; row < page.length; row++) {
    const source = sources.get(Number(part(row, 1)))
    const kind = KINDS[part(row, 2)]
    if (source === undefined || kind === undefined)
      throw new SyncError('SOURCE_FAILED', 'the log table holds a row of an unknown kind')
    let mask = part(row, FIXED)
    for (let word = 1; word < source.words; word++) mask += ` ${part(row, FIXED + word)}`
    let words = masks.get(mask)
    if (words === undefined) masks.set(mask, (words = mask.split(' ').map(BigInt)))
    const key = isAscii(page, row, 3) ? part(row, 3) : decoded(page.value(row, 3))
    rows.push({ seq: BigInt(part(row, 0)), source, kind, key, words, time: part(row, 4) })
  }
  return rows
}

/** Values as one letter a byte, taken from one text: a text made of each on its own costs ten times as much. */
function letters({
  bytes,
  spans,
  size,
  columns,
}: RowPage): (row: number, column: number) => string {
  const text = bytes.toString('latin1', 0, size)
  return (row, column) => {
    const at = 2 * (row * columns + column)
    return text.slice(Math.max(0, spans[at] ?? 0), Math.max(0, spans[at + 1] ?? 0))
  }
}

function isAscii({ bytes, spans, columns }: RowPage, row: number, column: number): boolean {
  const at = 2 * (row * columns + column)
  const end = spans[at + 1] ?? 0
  for (let i = spans[at] ?? 0; i < end; i++) if ((bytes[i] ?? 0) > 0x7f) return false
  return true
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A key that is no text can only have been written by hand: it becomes one that no row has, and then a dead letter. */
function decoded(value: Value): KeyText {
  const bytes = value ?? new Uint8Array(0)
  try {
    return utf8.decode(bytes)
  } catch {
    return `~x${Buffer.from(bytes).toString('hex')}`
  }
}

/** Exactly these log rows, found by the index that has their numbers: it is forced, because a scan would lock rows outside the list. */
export const deleteByNumber = (
  log: string,
  index: 'PRIMARY' | 'k_ver',
  numbers: readonly (string | bigint | null)[],
): string => `DELETE ${log} FROM ${log} FORCE INDEX (${index}) WHERE ver IN (${numbers.join(', ')})`
