import { hbase } from './hbase/index.ts'
import { memory } from './memory/index.ts'
import type { Store } from './sink.ts'

/** The stores longhaul writes to, by the name `store` has in the connections file. */
export const stores: Readonly<Record<string, Store<unknown>>> = {
  hbase,
  memory,
}
