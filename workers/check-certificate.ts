import { createPublicKey, type KeyObject } from 'node:crypto'
import { auditTable, type LinkAudit } from '../activities/audit.ts'
import { fingerprintOf, flawOf, publicKeyOf } from '../activities/certify.ts'
import { clusterOf, loadConnections, sourceOf } from '../config/connections.ts'
import { readText } from '../config/load.ts'
import { SyncError } from '../model/errors.ts'
import type { Certificate, CertifiedTable } from '../model/project.ts'

export interface CheckCertificate {
  /** The certificate, as `longhaul certificate --json` prints it. */
  readonly file: string
  readonly connections: string
  /** A public key in PEM that it must be signed with. */
  readonly publicKey: string | null
}

export interface TableCheck {
  readonly name: string
  readonly links: readonly LinkAudit[]
}

export interface CertificateCheck {
  readonly certificate: Certificate
  /** SHA-256 of the public key it is signed with; null when it is not signed. */
  readonly signedBy: string | null
  /** Whether that key was given, or is the one of the connections file. */
  readonly isKnownKey: boolean
  readonly tables: readonly TableCheck[]
}

/** Checks a certificate as it stands, and then against both sides: needs the source and HBase, and nothing else. */
export async function checkCertificate(
  { file, connections: path, publicKey }: CheckCertificate,
  told: (table: TableCheck) => void,
): Promise<CertificateCheck> {
  const certificate = await readCertificate(file)
  const flaw = flawOf(certificate)
  if (flaw !== null) throw invalid(file, flaw)
  const connections = await loadConnections(path)
  const signer = await signerOf(certificate, { file, publicKey }, connections.signingKey)
  const tables: TableCheck[] = []
  for (const table of certificate.tables) {
    const check = { name: table.name, links: await auditOf(connections, certificate, table) }
    tables.push(check)
    told(check)
  }
  return {
    certificate,
    ...signer,
    tables,
  }
}

/** Who signed it. Throws when that should have been another. */
async function signerOf(
  { signature }: Certificate,
  { file, publicKey }: Pick<CheckCertificate, 'file' | 'publicKey'>,
  own: KeyObject | null,
): Promise<Pick<CertificateCheck, 'signedBy' | 'isKnownKey'>> {
  const wanted = publicKey === null ? own : await readPublicKey(publicKey)
  const isKnownKey =
    wanted !== null && signature !== undefined && publicKeyOf(wanted) === signature.publicKey
  if (publicKey !== null && !isKnownKey)
    throw invalid(
      file,
      `it is ${signature === undefined ? 'not signed' : 'signed with another key'}`,
    )
  return {
    signedBy: signature === undefined ? null : fingerprintOf(signature.publicKey),
    isKnownKey,
  }
}

async function readPublicKey(file: string): Promise<KeyObject> {
  const text = await readText(file)
  try {
    return createPublicKey(text)
  } catch (error) {
    throw new SyncError('USAGE', `${file} is no public key in PEM`, { cause: error })
  }
}

async function auditOf(
  connections: Awaited<ReturnType<typeof loadConnections>>,
  { project }: Certificate,
  table: CertifiedTable,
): Promise<readonly LinkAudit[]> {
  if (table.mapping === undefined)
    throw invalid(table.name, 'it was issued by an earlier release; verify again')
  const source = await sourceOf(connections, table.mapping.source).open()
  try {
    const sink = await clusterOf(connections, table.mapping.cluster).open()
    try {
      const lent = { source: () => Promise.resolve(source), sink: () => Promise.resolve(sink) }
      return await auditTable(lent, project, table)
    } finally {
      await sink.close()
    }
  } finally {
    await source.close()
  }
}

async function readCertificate(file: string): Promise<Certificate> {
  const text = await readText(file)
  try {
    const value = JSON.parse(text) as Partial<Certificate> | null
    if (typeof value?.digest === 'string' && Array.isArray(value.tables))
      return value as Certificate
  } catch {
    // said below
  }
  throw invalid(file, 'it is no certificate as longhaul certificate --json prints it')
}

const invalid = (file: string, why: string): SyncError =>
  new SyncError('CERTIFICATE_INVALID', `${file}: ${why}`)
