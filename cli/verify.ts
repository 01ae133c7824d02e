import { Option } from '@commander-js/extra-typings'
import type { Client } from '@temporalio/client'
import { VERIFY_MODES, type Certificate } from '../model/project.ts'
import { certificateText } from './certificate-text.ts'
import { print, printJson, projectName, usage, withProject, type Cli } from './command.ts'
import { EXIT, type ExitCode } from './exit.ts'
import type { Snapshot } from './snapshot.ts'

/** Verify, and the certificate a verification ends in. */
export function addVerify(cli: Cli): void {
  addVerifyCommand(cli)
  addCertificate(cli)
}

function addVerifyCommand({ program, run }: Cli): void {
  program
    .command('verify')
    .summary('compare every cell again')
    .description(
      'Compare every cell of all tables, or of some, in both directions; possible while a project waits for its switchover.',
    )
    .argument('<project>', 'the name of a project', projectName)
    .argument('[tables...]', 'names of tables, as status shows them; all of them when left out')
    .addOption(
      new Option('--mode <mode>', 'this time, instead of what the project file says').choices(
        VERIFY_MODES,
      ),
    )
    .option('--no-wait', 'do not wait for the outcome')
    .addHelpText(
      'after',
      `
Examples:
  $ longhaul verify shop
  $ longhaul verify shop order_line
  $ longhaul verify shop --mode sample      some rows of each table: quick, and no proof

It ends with 0 when every cell is equal, with 4 when rows differ, with 5 when it asks what to do.`,
    )
    .action((project, tables, options) =>
      run(async (settings) => {
        const { look } = await import('./look.ts')
        const before = await withProject(settings, project, async (client) => {
          const { tell } = await import('./temporal.ts')
          const { verify } = await import('./messages.ts')
          const now = await look(client, project)
          const { mode } = options
          const argument = {
            ...(tables.length === 0 ? {} : { tables }),
            ...(mode === undefined ? {} : { mode }),
          }
          await tell(client, project, { control: verify, argument }, usage)
          return now
        })
        if (!options.wait) return EXIT.ok
        const { watch } = await import('./watch.ts')
        return watch(settings, project, (now) => isVerified(now, before))
      }),
    )
}

/** A newer certificate tells that the verification is over; so does a question, or the end. */
export const isVerified = (now: Snapshot, before: Snapshot): boolean =>
  now.ended !== null ||
  now.status.question !== null ||
  (now.status.certificate !== null &&
    now.status.certificate.issuedAt !== before.status.certificate?.issuedAt)

function addCertificate({ program, run }: Cli): void {
  program
    .command('certificate')
    .summary('print what a verification proved, or check it')
    .description(
      'Print what the last verification of a project proved. Or check a certificate that was kept: that nobody changed it, and what both sides are now; for that Temporal is not needed.',
    )
    .argument('[project]', 'the name of a project', projectName)
    .option('--check <file>', 'a certificate as --json prints it')
    .option(
      '--connections <file>',
      'with --check: logins of sources and clusters',
      'connections.yaml',
    )
    .option('--public-key <file>', 'with --check: in PEM, the key it must be signed with')
    .addHelpText(
      'after',
      `
It ends with 4 when the certificate is not clean; that of a sample or a count never is. A check ends with 4 when
rows differ now, with 1 when the certificate was changed.

Examples:
  $ longhaul certificate shop --json > shop.certificate.json
  $ longhaul certificate --check shop.certificate.json --connections connections.yaml`,
    )
    .action((project, { check, connections, publicKey = null }) =>
      run(async (settings) => {
        if (check !== undefined) {
          const { checkFile } = await import('./certificate-check.ts')
          return checkFile(settings, { file: check, connections, publicKey })
        }
        if (project === undefined) throw usage('name the project, or a file with --check')
        const certificate = await withProject(settings, project, (client) =>
          certificateOf(client, project),
        )
        if (settings.json) printJson(certificate)
        else print(certificateText(certificate))
        return certificateExit(certificate)
      }),
    )
}

export const certificateExit = ({ clean }: Certificate): ExitCode =>
  clean ? EXIT.ok : EXIT.differs

async function certificateOf(client: Client, project: string): Promise<Certificate> {
  const { look, resultOf } = await import('./look.ts')
  const result = await resultOf(client, project)
  if (result?.certificate) return result.certificate
  const { status } = await look(client, project)
  if (status.certificate !== null) return status.certificate
  throw usage(`${project} has no certificate yet; it is in ${status.phase}`)
}
