import type { TableSchema } from '../../model/table.ts'
import type { Session } from './client.ts'
import { unguard } from './guard.ts'
import { capture, changed, neededWords, widenLog } from './install.ts'
import { holdInstallLock } from './locks.ts'
import { copiesOf } from './orphans.ts'
import { activeOf, captured, STATES, type Place, type SourceRow } from './project.ts'
import { dropOne } from './remove.ts'
import { TRIGGER_SESSION } from './triggers.ts'

/** As Capture.recapture. The table gets a new number, which tells its old log rows from those of the new triggers. */
export const recapture = (place: Place, table: TableSchema): Promise<void> =>
  place.client.dedicated(async (session) => {
    await holdInstallLock(session, place.client.options.schema)
    await session.run(TRIGGER_SESSION)
    const row = activeOf(await captured(session, place), table.name)
    if (row?.state === 'installed') {
      if (table.key.join() !== row.key.join()) throw changed(table.name, 'another key')
      await retire(session, place, row)
    }
    await widenLog(session, place, neededWords(table))
    await capture(session, place, table, row?.state === 'begun' ? row : undefined)
  })

/** From here on nobody logs changes of the table. */
async function retire(session: Session, place: Place, row: SourceRow): Promise<void> {
  const copies = await copiesOf(session, place, row)
  for (const trigger of [...Object.keys(row.hashes), ...copies]) await dropOne(session, trigger)
  await unguard(session, place, row.sourceId)
  await session.run(`\
UPDATE ${place.at('longhaul_source')}
SET trigger_hashes = '{}', installed = ${STATES.indexOf('retired')} WHERE source_id = ${row.sourceId}`)
}
