import type { Session } from './client.ts'
import { literal } from './names.ts'
import { lost, type Place } from './project.ts'

/** A new token. One statement is one transaction here, and LAST_INSERT_ID brings the token back with it. */
export async function takeToken(place: Place, owner: string): Promise<number> {
  const { affected, id } = await place.client.run(`\
UPDATE ${place.at('longhaul_lease')} SET
  token = LAST_INSERT_ID(GREATEST(token + 2, CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS UNSIGNED))),
  owner = ${literal(owner.slice(0, 128))}, taken_at = UTC_TIMESTAMP(3)
WHERE unit_id = ${place.unit}`)
  if (affected === 0) throw lost(place)
  return id
}

/** Locks the lease and says whether the token is still the newest. Until the transaction ends no other can be taken. */
export async function holdsLease(session: Session, place: Place, token: number): Promise<boolean> {
  const [row] = await session.select(`\
SELECT token FROM ${place.at('longhaul_lease')} WHERE unit_id = ${place.unit} FOR UPDATE`)
  if (row === undefined) throw lost(place)
  return Number(row[0]) === token
}
