import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onPath, run } from '../run.ts'

/** A certificate and its key in PEM, by file name. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

export interface Certificates {
  /** The authority both sides trust. */
  readonly ca: string
  readonly server: Identity
  /** Key and certificate of the server in one file, as HBase reads them. */
  readonly keystore: string
  /** A server's whose time is over. */
  readonly expired: Identity
  readonly client: Identity
  /** An authority nobody trusts, and a client it has signed. */
  readonly foreign: { readonly ca: string; readonly client: Identity }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
const DAYS = 2
/** Every server here answers on this machine alone. */
const NAMES = 'subjectAltName=DNS:localhost,IP:127.0.0.1\n'

/** Makes an authority, a server and clients in a folder that exists; good for two days. */
export async function makeCertificates(folder: string, signal: AbortSignal): Promise<Certificates> {
  const openssl = opensslIn(folder, signal)
  const at = (name: string): string => join(folder, name)

  const authority = async (name: string): Promise<string> => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
    await openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      '-subj',
      `/CN=${name}`,
      '-days',
      String(DAYS),
      ...files,
    )
    return at(`${name}.pem`)
  }
  const issue = async (name: string, by: string, days = DAYS): Promise<Identity> => {
    const asked = ['-keyout', `${name}.key`, '-out', `${name}.csr`]
    await openssl('req', ...NEW_KEY, '-subj', `/CN=${name}`, ...asked)
    const signer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial']
    const files = ['-in', `${name}.csr`, '-extfile', 'names', '-out', `${name}.pem`]
    await openssl('x509', '-req', '-days', String(days), ...signer, ...files)
    return { cert: at(`${name}.pem`), key: at(`${name}.key`) }
  }

  await writeFile(at('names'), NAMES)
  const ca = await authority('authority')
  const server = await issue('server', 'authority')
  const keystore = at('keystore.pem')
  await writeFile(keystore, [await readFile(server.key), await readFile(server.cert)].join(''))
  const foreign = { ca: await authority('stranger'), client: await issue('intruder', 'stranger') }
  const expired = await issue('expired', 'authority', -1)
  return { ca, server, keystore, expired, client: await issue('client', 'authority'), foreign }
}

function opensslIn(folder: string, signal: AbortSignal): (...args: string[]) => Promise<string> {
  const program = onPath('openssl')
  if (program === undefined) {
    throw new Error('openssl is not installed. Install it, for example with "apt install openssl".')
  }
  return (...args) => run(program, args, { signal, cwd: folder })
}

/**
 * What makes a server of HBase 2.6 speak TLS and nothing else (X509Util). Its own region servers and
 * master are clients of it too, with the same certificate.
 */
export const tlsSettings = (
  { ca, keystore }: Certificates,
  clientAuth: 'NONE' | 'NEED',
): Readonly<Record<string, string>> => ({
  'hbase.server.netty.tls.enabled': 'true',
  'hbase.client.netty.tls.enabled': 'true',
  'hbase.server.netty.tls.supportplaintext': 'false',
  'hbase.server.netty.tls.client.auth.mode': clientAuth,
  'hbase.rpc.tls.keystore.location': keystore,
  'hbase.rpc.tls.keystore.type': 'PEM',
  'hbase.rpc.tls.truststore.location': ca,
  'hbase.rpc.tls.truststore.type': 'PEM',
})
