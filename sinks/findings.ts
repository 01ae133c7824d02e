import { SyncError } from '../model/errors.ts'
import type { Finding } from '../model/finding.ts'
import type { Target } from './sink.ts'

/** The table attribute that remembers which project owns a table. */
export const OWNER_ATTRIBUTE = 'longhaul.project'

/** What is wrong with the families a table has, if anything. */
export function otherFamilies(target: Target, families: readonly string[]): Finding[] {
  const missing = target.families.filter((family) => !families.includes(family))
  const foreign = families.filter((family) => !target.families.includes(family))
  if (missing.length + foreign.length === 0) return []
  const has = [
    missing.length > 0 ? `lacks ${missing.join(', ')}` : '',
    foreign.length > 0 ? `also has ${foreign.join(', ')}` : '',
  ]
  return [
    blocking(
      'TARGET_FAMILIES',
      target,
      `${target.table} ${has.filter(Boolean).join(' and ')}. Name another target in the mapping, or drop the table`,
    ),
  ]
}

/** What is wrong with a table that this project does not own, if anything: an empty table nobody claimed may be taken over. */
export function otherRows(target: Target, owner: string | null, empty: boolean): Finding[] {
  if (owner === null && empty) return []
  const whose =
    owner === null
      ? 'holds rows that no project of longhaul wrote'
      : `belongs to the project ${owner}`
  const next =
    owner === null
      ? `Name another target, empty it, or claim it: alter '${target.table}', METADATA => {'${OWNER_ATTRIBUTE}' => '${target.owner}'}`
      : 'Name another target, or release that project first'
  return [blocking('TARGET_ROWS', target, `${target.table} ${whose}. ${next}`)]
}

/** Thrown where a table would be dropped that is another's. */
export const otherOwner = (table: string, owner: string | null): SyncError =>
  new SyncError(
    'TARGET_ROWS',
    owner === null
      ? `${table} was not made by longhaul; drop it yourself`
      : `${table} belongs to the project ${owner}`,
  )

export const blocking = (code: Finding['code'], target: Target, text: string): Finding => ({
  code,
  about: target.table,
  text,
  blocks: true,
})
