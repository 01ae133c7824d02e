import { memory } from './memory/index.ts'

/** Every kind of store, by the name that a connections file calls it. */
export const stores = {
  memory,
} as const
