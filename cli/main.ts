import { CommanderError } from '@commander-js/extra-typings'
import { SyncError } from '../model/errors.ts'
import { EXIT, exitOf, type ExitCode } from './exit.ts'
import { createProgram } from './program.ts'
import { errorText } from './error-text.ts'

const { program, settings, debug } = createProgram(process.env)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

function report(error: unknown): ExitCode {
  // commander has said it already; help and version are no errors
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  process.stderr.write(`${errorText(error, { json: settings().json, debug })}\n`)
  return error instanceof SyncError ? exitOf(error.code) : EXIT.failed
}
