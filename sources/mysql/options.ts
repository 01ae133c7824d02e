import { z } from 'zod'

const tls = z.strictObject({
  ca: z.string().exactOptional().describe('Certificate of the authority, in PEM'),
  cert: z.string().exactOptional().describe('Certificate of this client, in PEM'),
  key: z.string().exactOptional().describe('Private key of this client, in PEM'),
  rejectUnauthorized: z
    .boolean()
    .exactOptional()
    .describe('Refuse a certificate no known authority signed; true unless set'),
})

/** One source in the connections file. */
export const options = z.strictObject({
  address: z
    .string()
    .regex(/^.+:\d{1,5}$/, 'must be host:port')
    .describe('host:port of the server; of the primary where there are replicas'),
  user: z.string().min(1).describe('The account longhaul connects as'),
  password: z
    .string()
    .describe('Its password, best taken from the environment: ${env:SHOP_PASSWORD}'),
  schema: z
    .string()
    .regex(/^[\w$]{1,64}$/, 'must be a plain database name')
    .default('longhaul')
    .describe('Database that holds the log table and the lease'),
  definer: z
    .string()
    .regex(/^.+@.+$/, 'must be user@host')
    .exactOptional()
    .describe('The account the triggers run as; the connecting account unless set'),
  log: z
    .enum(['append', 'dedupe'])
    .default('append')
    .describe(
      'append: each change is a log row of its own; dedupe: the triggers keep at most two log rows per key',
    ),
  truncate: z
    .enum(['notice', 'refuse'])
    .default('notice')
    .describe(
      'notice: a table that is truncated has to be loaded again; refuse: an empty table with a foreign key to it makes the server refuse TRUNCATE and DROP',
    ),
  replicas: z
    .array(z.string().regex(/^.+:\d{1,5}$/, 'must be host:port'))
    .default([])
    .describe(
      'host:port of replicas, reached with the same account; only limits.source.replicationLag looks at them',
    ),
  connections: z
    .number()
    .int()
    .min(2)
    .max(200)
    .default(8)
    .describe('Most connections one worker opens to this server'),
  ssl: z
    .union([z.boolean(), tls])
    .exactOptional()
    .describe('Encrypt the connection: true, or the certificates to use'),
  sealKey: z
    .string()
    .min(16)
    .exactOptional()
    .describe('Secret that seals positions kept in the history; the same for all workers'),
})

export type MysqlOptions = z.output<typeof options>
