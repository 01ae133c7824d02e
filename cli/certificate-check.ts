import type {
  CertificateCheck,
  CheckCertificate,
  TableCheck,
} from '../workers/check-certificate.ts'
import { print, printJson, type Settings } from './command.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { count, instant, plural } from './numbers.ts'

/** Checks a certificate against both sides and says link by link what agrees. */
export async function checkFile(settings: Settings, input: CheckCertificate): Promise<ExitCode> {
  const { checkCertificate } = await import('../workers/check-certificate.ts')
  const told = (table: TableCheck): void => {
    if (!settings.json) print(tableText(table))
  }
  const checked = await checkCertificate(input, told)
  if (settings.json) printJson(jsonOf(checked))
  else print(sealText(checked))
  return differs(checked) ? EXIT.differs : EXIT.ok
}

const differs = ({ tables }: CertificateCheck): boolean =>
  tables.some(({ links }) =>
    links.some(({ verdict, unstable }) => verdict === 'different' || unstable > 0),
  )

const jsonOf = ({ certificate, ...rest }: CertificateCheck) => ({
  ...{ project: certificate.project, issuedAt: certificate.issuedAt, clean: certificate.clean },
  ...rest,
})

/** A line for the table, and one for each link that is not as it was. */
export function tableText({ name, links }: TableCheck): string {
  const agreeing = links.filter(({ verdict }) => verdict === 'agrees')
  const rows = links.reduce((sum, link) => sum + link.rows, 0)
  const unstable = links.reduce((sum, link) => sum + link.unstable, 0)
  return [
    `${name}: ${agreeing.length} of ${links.length} links agree on both sides; ${plural(rows, 'row')} are equal now`,
    ...links.flatMap((link) => {
      if (link.verdict === 'agrees') return []
      if (link.verdict === 'changed')
        return [
          `  link ${link.no}: changed since, and equal on both sides now: ${plural(link.rows, 'row')}, ${count(link.certified)} certified`,
        ]
      const kinds = (['missing', 'different', 'extra'] as const)
        .filter((kind) => link[kind] > 0)
        .map((kind) => `${count(link[kind])} ${kind}`)
      const since = link.since > 0 ? `; ${count(link.since)} of them written to HBase since` : ''
      return [`  link ${link.no}: DIFFERENT: ${kinds.join(', ')}${since}`]
    }),
    ...(unstable > 0
      ? [`  ${plural(unstable, 'row')} changed during every look: neither equal nor different`]
      : []),
  ].join('\n')
}

/** What guards the certificate itself. */
export function sealText({ certificate, signedBy, isKnownKey }: CertificateCheck): string {
  const { project, issuedAt, digest, clean } = certificate
  return [
    '',
    `The certificate of ${project}, issued ${instant(issuedAt)}, was not changed: SHA-256 ${digest}`,
    signedBy === null
      ? 'It is not signed: whoever changes it can make that SHA-256 anew.'
      : `It is signed (Ed25519) with ${isKnownKey ? 'your key' : 'the key'} ${signedBy}${isKnownKey ? '' : '; whether that is yours, only you can tell (--public-key)'}.`,
    ...(clean ? [] : ['It is not clean: it never said that every cell of every table is equal.']),
  ].join('\n')
}
