import { keyPositions, type Column, type TableSchema } from '../../model/table.ts'
import { bitAt, type Bit } from '../sql/mask.ts'
import type { LogMode, LogTarget } from './log/mode.ts'
import { quote, qualified, splitName } from './names.ts'
import { compareExpression, componentExpression, mayBeKey } from './types.ts'

/** The session that creates triggers: mode and character set are kept with them and must not be the server's. */
export const TRIGGER_SESSION =
  "SET NAMES utf8mb4, sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', lock_wait_timeout = 2"

/** What the triggers of one table are made of. */
interface Captured {
  readonly sourceId: number
  readonly table: TableSchema
  /** The columns in the order of their bits; fixed when the table was captured. */
  readonly bits: readonly string[]
  /** Words of the column mask the log has. */
  readonly words: number
}

export interface Trigger {
  /** `database.trigger`. */
  readonly name: string
  readonly timing: 'BEFORE' | 'AFTER'
  readonly event: 'INSERT' | 'DELETE' | 'UPDATE'
  readonly table: string
  readonly body: string
}

/** The names of a table's triggers; the first part is enough to find them again after a rename of the table. */
const triggerName = (sourceId: number, suffix: 'ai' | 'ad' | 'au'): string =>
  `longhaul${sourceId}_${suffix}`

/** The three triggers of a table. AFTER, since only then the row is locked and really written. */
export function triggersOf(captured: Captured, schema: string, mode: LogMode): readonly Trigger[] {
  const { sourceId, table } = captured
  const { database } = splitName(table.name)
  const to = { log: `${quote(schema)}.longhaul_log`, sourceId }
  const trigger = (suffix: 'ai' | 'ad' | 'au', event: Trigger['event'], body: string): Trigger => ({
    name: `${database}.${triggerName(sourceId, suffix)}`,
    timing: 'AFTER',
    event,
    table: table.name,
    body,
  })
  return [
    trigger('ai', 'INSERT', mode.inserted(to, keyOf(table, 'NEW'))),
    trigger('ad', 'DELETE', mode.deleted(to, keyOf(table, 'OLD'))),
    trigger('au', 'UPDATE', updateBody(captured, to, mode)),
  ]
}

/** The statement that creates a trigger. `definer` is an account as SQL writes it, or CURRENT_USER. */
export const createTrigger = (trigger: Trigger, definer: string): string => `\
CREATE DEFINER=${definer} TRIGGER ${qualified(trigger.name)}
${trigger.timing} ${trigger.event} ON ${qualified(trigger.table)} FOR EACH ROW
${trigger.body}`

export const dropTrigger = (name: string): string => `DROP TRIGGER IF EXISTS ${qualified(name)}`

/** `def@%` -> `` `def`@`%` ``. */
export function definerOf(account: string | undefined): string {
  if (account === undefined) return 'CURRENT_USER'
  const at = account.lastIndexOf('@')
  return `${quote(account.slice(0, at))}@${quote(account.slice(at + 1))}`
}

/**
 * The key as canonical text (capture.md 1.2). CONCAT_WS would leave a NULL out, but a key has none.
 *   (id, code) of (7, 'a|b')   ->   7|a~1b
 */
export function keyText(table: TableSchema, value: (column: string) => string): string {
  const components = keyPositions(table).map((position) => {
    const column = table.columns[position] as Column
    return componentExpression(column, value(column.name))
  })
  return components.length === 1
    ? (components[0] ?? '')
    : `CONCAT_WS('|', ${components.join(', ')})`
}

const keyOf = (table: TableSchema, row: string): string =>
  keyText(table, (column) => `${row}.${quote(column)}`)

/** A changed key is a row that went and a row that came; else the columns that changed are told. */
function updateBody(captured: Captured, to: LogTarget, mode: LogMode): string {
  const { table } = captured
  const masks = maskWords(captured)
  const words = [...masks.keys()].map((word) => `u${word}`)
  const declared =
    words.length === 0 ? '' : `  DECLARE ${words.join(', ')} BIGINT UNSIGNED DEFAULT 0;\n`
  return `BEGIN
  DECLARE ko VARBINARY(3000) DEFAULT ${keyOf(table, 'OLD')};
  DECLARE kn VARBINARY(3000) DEFAULT ${keyOf(table, 'NEW')};
${declared}  IF ko <> kn THEN
${indented(mode.moved(to), 4)}
${words.length === 0 ? '' : updateBranch(masks, to, mode)}  END IF;
END`
}

function updateBranch(
  masks: ReadonlyMap<number, readonly string[]>,
  to: LogTarget,
  mode: LogMode,
): string {
  const words = [...masks.keys()]
  const sets = [...masks].map(
    ([word, terms]) => `    SET u${word} =\n      ${terms.join('\n      | ')};\n`,
  )
  return `  ELSE
${sets.join('')}    IF ${words.map((word) => `u${word}`).join(' | ')} <> 0 THEN
${indented(mode.updated(to, words), 6)}
    END IF;
`
}

export const indented = (lines: string, blanks: number): string =>
  lines.replaceAll(/^/gm, ' '.repeat(blanks))

/** By word: one term for each column that may change without the key. Words without a column are left out. */
function maskWords({ table, bits, words }: Captured): ReadonlyMap<number, readonly string[]> {
  const masks = new Map<number, string[]>()
  for (const column of table.columns) {
    if (column.kind === 'unsupported') continue
    if (table.key.includes(column.name) && mayBeKey(column.kind)) continue
    const { word, value } = bitOf(column.name, bits, words)
    const terms = masks.get(word) ?? []
    masks.set(word, terms)
    const name = quote(column.name)
    const before = compareExpression(column, `OLD.${name}`)
    const now = compareExpression(column, `NEW.${name}`)
    terms.push(`IF(${before} <=> ${now}, 0, ${value})`)
  }
  return masks
}

const bitOf = (name: string, bits: readonly string[], words: number): Bit => {
  const position = bits.indexOf(name)
  return bitAt(position === -1 ? Infinity : position, words)
}
