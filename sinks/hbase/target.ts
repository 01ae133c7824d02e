import type { FamilyOptions, HBaseClient, TableDescriptor } from '../../hbase/index.ts'
import { SyncError } from '../../model/errors.ts'
import type { Finding } from '../../model/finding.ts'
import { blocking, otherFamilies, otherOwner, otherRows, OWNER_ATTRIBUTE } from '../findings.ts'
import { MARKERS_KEPT_MS } from '../markers.ts'
import type { Target } from '../sink.ts'
import { isFailure } from './failures.ts'

const PURGE = 'hbase.hstore.time.to.purge.deletes'

/** What stands in the way of using the table that is there. */
export async function checkTarget(client: HBaseClient, target: Target): Promise<Finding[]> {
  const table = await client.admin.describe(target.table)
  if (table === null) return []
  const families = table.families.map(({ name }) => name)
  const ours = table.families.filter(({ name }) => target.families.includes(name))
  const owner = table.attributes[OWNER_ATTRIBUTE] ?? null
  return [
    ...otherFamilies(target, families),
    ...ours.flatMap((family) => checkFamily(target, table, family)),
    ...(owner === target.owner ? [] : await checkRows(client, target, owner)),
  ]
}

/** Creates the table and its namespace, or throws what `checkTarget` finds in the way. */
export async function prepareTarget(client: HBaseClient, target: Target): Promise<void> {
  if ((await client.admin.describe(target.table)) === null) {
    try {
      await create(client, target)
      return
    } catch (error) {
      // Somebody was faster; what they made is looked at like any other table
      if (!isFailure(error, 'TABLE_EXISTS')) throw error
    }
  }
  const found = (await checkTarget(client, target)).find(({ blocks }) => blocks)
  if (found !== undefined) throw new SyncError(found.code, found.text)
}

/** False when there is no such table. */
export async function dropTarget(
  client: HBaseClient,
  table: string,
  owner: string,
): Promise<boolean> {
  const found = await client.admin.describe(table)
  if (found === null) return false
  const owned = found.attributes[OWNER_ATTRIBUTE] ?? null
  if (owned !== owner) throw otherOwner(table, owned)
  try {
    await client.admin.disable(table)
  } catch (error) {
    // Disabled by a drop that was cut short
    if (!isFailure(error, 'TABLE_DISABLED')) throw error
  }
  await client.admin.deleteTable(table)
  return true
}

async function create(client: HBaseClient, target: Target): Promise<void> {
  const descriptor: TableDescriptor = {
    name: target.table,
    attributes: { [OWNER_ATTRIBUTE]: target.owner },
    families: target.families.map((name) => ({
      name,
      attributes: { VERSIONS: '1' },
      configuration: { [PURGE]: String(MARKERS_KEPT_MS) },
    })),
  }
  try {
    await client.admin.createTable(descriptor, target.splits)
  } catch (error) {
    const [namespace, table] = target.table.split(':')
    if (!isFailure(error, 'NAMESPACE_NOT_FOUND') || namespace === undefined || table === undefined)
      throw error
    await client.admin.createNamespace(namespace)
    await client.admin.createTable(descriptor, target.splits)
  }
}

function checkFamily(target: Target, table: TableDescriptor, family: FamilyOptions): Finding[] {
  const found: Finding[] = []
  const alter = (settings: string): string =>
    `alter '${target.table}', {NAME => '${family.name}', ${settings}}`
  if (family.attributes?.['NEW_VERSION_BEHAVIOR']?.toLowerCase() === 'true')
    found.push(
      blocking(
        'TARGET_FAMILIES',
        target,
        `${family.name} of ${target.table} has NEW_VERSION_BEHAVIOR, with which writes that come late are not ordered by version. Turn it off: ${alter("NEW_VERSION_BEHAVIOR => 'false'")}`,
      ),
    )
  if (!(keptMs(table, family) >= MARKERS_KEPT_MS))
    found.push(
      blocking(
        'TARGET_FAMILIES',
        target,
        `${family.name} of ${target.table} drops delete markers too early, so that late writes could bring deleted rows back. Keep them for a day: ${alter(`CONFIGURATION => {'${PURGE}' => '${MARKERS_KEPT_MS}'}`)}`,
      ),
    )
  if (expires(family))
    found.push({
      code: 'TARGET_FAMILIES',
      about: target.table,
      text: `${family.name} of ${target.table} has a TTL: cells vanish by themselves, and verification will call them missing`,
      blocks: false,
    })
  return found
}

/** HBase looks at the family first, then at the table. */
const keptMs = ({ attributes }: TableDescriptor, family: FamilyOptions): number =>
  Number(family.configuration?.[PURGE] ?? family.attributes?.[PURGE] ?? attributes[PURGE] ?? 0)

const FOREVER = 2_147_483_647

function expires({ attributes }: FamilyOptions): boolean {
  const seconds = Number(attributes?.['TTL'] ?? FOREVER)
  return Number.isFinite(seconds) && seconds < FOREVER
}

async function checkRows(
  client: HBaseClient,
  target: Target,
  owner: string | null,
): Promise<Finding[]> {
  try {
    return otherRows(target, owner, await isEmpty(client, target.table))
  } catch (error) {
    if (!isFailure(error, 'TABLE_DISABLED')) throw error
    const text = `${target.table} is disabled. Enable it, or name another target`
    return [blocking('TARGET_DISABLED', target, text)]
  }
}

async function isEmpty(client: HBaseClient, table: string): Promise<boolean> {
  for await (const page of client.scan(table, { keysOnly: true })) if (page.length > 0) return false
  return true
}
