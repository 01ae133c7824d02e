import { mysql } from './mysql/index.ts'

/** The databases longhaul reads from, by the name `dialect` has in the connections file. */
export const dialects = {
  mysql,
} as const
