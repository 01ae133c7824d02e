import type { ChangeKind } from '../../../model/change.ts'
import { SyncError } from '../../../model/errors.ts'
import type { KeyText } from '../../../model/value.ts'
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
  const rows = await place.client.printed(`\
SELECT ver, source_id, type_field, key_field, time_field, ${masks.join(', ')}
FROM ${place.at('longhaul_log')}
WHERE source_id IN (${[...sources.keys()].join(', ')})${within} ORDER BY ver LIMIT ${limit}`)
  return rows.map((row) => logRow(row, sources))
}

function logRow(
  [ver, sourceId, type, key, time, ...mask]: readonly (Buffer | null)[],
  sources: ReadonlyMap<number, SourceRow>,
): LogRow {
  const source = sources.get(Number(sourceId?.toString('latin1')))
  const kind = KINDS[type?.toString('latin1') ?? '']
  if (source === undefined || kind === undefined || !key || !ver)
    throw new SyncError('SOURCE_FAILED', 'the log table holds a row of an unknown kind')
  const seq = BigInt(ver.toString('latin1'))
  return {
    seq,
    source,
    kind,
    key: keyText(key),
    words: mask.slice(0, source.words).map((word) => BigInt(word?.toString('latin1') ?? '0')),
    time: time?.toString('latin1') ?? '',
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A key that is no text can only have been written by hand: it becomes one that no row has, and then a dead letter. */
function keyText(bytes: Buffer): KeyText {
  try {
    return utf8.decode(bytes)
  } catch {
    return `~x${bytes.toString('hex')}`
  }
}

/** Exactly these log rows, found by the index that has their numbers: it is forced, because a scan would lock rows outside the list. */
export const deleteByNumber = (
  log: string,
  index: 'PRIMARY' | 'k_ver',
  numbers: readonly (string | bigint | null)[],
): string => `DELETE ${log} FROM ${log} FORCE INDEX (${index}) WHERE ver IN (${numbers.join(', ')})`
