import { z } from 'zod'

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const

const DURATION = 'should be a duration such as 30s, 10m, 1h or 2d'

/** `30s`, `10m`, `1h`, `2d` -> seconds. */
export const duration = z
  .string(DURATION)
  .regex(/^[1-9][0-9]{0,5}[smhd]$/, DURATION)
  .transform((text) => Number(text.slice(0, -1)) * SECONDS[text.slice(-1) as keyof typeof SECONDS])

/** Names of projects, sources and clusters: they become parts of workflow ids, task queues and owners. */
export const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,59}$/,
    'should be a name of at most 60 lower-case letters, digits, - and _',
  )

/** What HBase takes as a table, with or without a namespace. */
export const hbaseTable = z
  .string()
  .regex(
    /^([\p{L}\p{N}_]+:)?[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u,
    'should be the name of an HBase table: letters, digits, _ - and ., after namespace: or not',
  )

export const namespace = z
  .string()
  .regex(/^[\p{L}\p{N}_]+$/u, 'should be an HBase namespace: letters, digits and _')

export const family = z
  .string()
  .regex(/^(?!\.)[^\p{Cc}:/]+$/u, 'should be a family: no : or / in it and no . before it')

/** `database.table`; only the first dot divides, so that a table may have dots in its name. */
export const sourceTable = z.string().regex(/^[^.\s][^.]*\..*\S$/, 'should be database.table')

/** What names a table within its project. */
export const tableName = z
  .string()
  .regex(
    /^[\p{L}\p{N}_$][\p{L}\p{N}_$.-]{0,99}$/u,
    'should be a name of letters, digits, _ $ - and .',
  )
