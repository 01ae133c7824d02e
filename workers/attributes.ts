import type { Connection } from '@temporalio/client'
import { ATTRIBUTES } from '../workflows/messages.ts'

/** As temporal.api.enums.v1.IndexedValueType numbers them. */
const TYPES = { KEYWORD: 2, INT: 3 } as const

/** Makes the server know our search attributes; adding one twice is no error. A server that forbids it must have them already. */
export async function addSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  const missing = Object.values(ATTRIBUTES).filter(({ name }) => !(name in customAttributes))
  if (missing.length === 0) return
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, TYPES[type]])),
  })
}
