import { HBaseError } from '../errors.ts'
import type { Deadline } from '../deadline.ts'
import type { Locator } from '../locator.ts'
import type { Master } from '../master.ts'
import type { Message } from '../wire/message.ts'
import type { Pool } from '../pool.ts'
import { ProcedureStarted } from '../wire/admin-messages.ts'
import type { Registry } from '../registry.ts'
import { canonicalTableName } from '../table-name.ts'

/** What the calls of `Admin` share. */
export interface AdminParts {
  readonly pool: Pool
  readonly registry: Registry
  readonly locator: Locator
  readonly master: Master
  readonly deadline: (table?: string) => Deadline
}

/** A method of the master that starts a procedure. */
export const starting = <Q>(name: string, request: Message<Q>) => ({
  name,
  request,
  response: ProcedureStarted,
})

/** Does something to a table and forgets where its regions were, before and after. */
export async function changing<T>(
  { locator, deadline }: AdminParts,
  table: string,
  change: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const name = canonicalTableName(table)
  locator.forgetTable(name)
  try {
    return await change(deadline(table))
  } finally {
    locator.forgetTable(name)
  }
}

/** Did HBase answer with an exception of this class? */
export const isRemote = (error: unknown, ...classes: readonly string[]): error is HBaseError =>
  error instanceof HBaseError &&
  classes.some((name) => error.remoteClass?.split(/[.$]/).at(-1) === name)
