import { z } from 'zod'

const pem = z.string().min(1)

/** How connections to a cluster are encrypted: the client's TlsOptions. */
export const tls = z.strictObject({
  ca: pem.exactOptional().describe("The authority that signed the servers' certificates, in PEM"),
  cert: pem.exactOptional().describe('The certificate of this client, in PEM'),
  key: pem.exactOptional().describe('Its key, in PEM'),
  serverName: z
    .string()
    .min(1)
    .exactOptional()
    .describe('The name in all certificates, where it is not the host name the cluster publishes'),
  verifyHostname: z
    .boolean()
    .default(true)
    .describe('false takes a trusted certificate whatever name it is for'),
})

/** How workers and servers prove who they are: the client's KerberosOptions. */
export const kerberos = z.strictObject({
  servicePrincipal: z
    .string()
    .regex(/^[^/@\s]+\/[^/@\s]+(@[^/@\s]+)?$/, 'must be like hbase/_HOST@EXAMPLE.COM')
    .describe('The principal of the servers: their hbase.regionserver.kerberos.principal'),
  protection: z
    .enum(['authentication', 'integrity', 'privacy'])
    .default('authentication')
    .describe('Their hbase.rpc.protection'),
  allowSimple: z
    .boolean()
    .default(false)
    .describe('true goes on without authentication at a server that asks for that'),
})
