import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { InvalidArgumentError } from '@commander-js/extra-typings'
import type { Client } from '@temporalio/client'
import { SyncError } from '../model/errors.ts'
import type { ExitCode } from './exit.ts'

/** What every command is told. */
export interface Settings {
  readonly address: string
  readonly namespace: string
  readonly json: boolean
}

/** The command line as the commands add themselves to it. */
export interface Cli {
  readonly program: CommandUnknownOpts
  /** Known once the line is parsed. */
  readonly settings: () => Settings
  /** Runs a command and ends the process with what it returns. */
  readonly run: (work: (settings: Settings) => Promise<ExitCode>) => Promise<void>
}

/** Work with a Temporal client; the client is loaded only by commands that need it. */
export async function withProject<T>(
  settings: Settings,
  project: string | undefined,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { withClient } = await import('./temporal.ts')
  return withClient(settings, project, work)
}

/** The name of a project, as an argument. */
export function projectName(text: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,59}$/.test(text)) return text
  throw new InvalidArgumentError(
    'A project has a name of at most 60 lower-case letters, digits, - and _.',
  )
}

export const print = (text: string): void => void process.stdout.write(`${text}\n`)

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2))

/** A command that cannot be done as it was said. */
export const usage = (text: string): SyncError => new SyncError('USAGE', text)
