import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT, keep, made } from './root.ts'

/**
 * The workflows in one file, bundled once per state of the code: a worker that finds it is ready seconds
 * sooner.
 */
export async function workflowBundle(): Promise<{ codePath: string }> {
  const name = `workflows-${fingerprint()}.js`
  return { codePath: made(name) ?? (await keep(name, await bundled())) }
}

/** In a process of its own: the bundler needs more memory than the worker ever will. */
async function bundled(): Promise<string> {
  const script = join(ROOT, 'workers', 'build-bundle.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
    maxBuffer: 1 << 26,
    cwd: ROOT,
  })
  return stdout
}

/** Everything that goes into the bundle: our own code, and the versions of the packages. */
function fingerprint(): string {
  const hash = createHash('sha256')
  for (const room of ['workflows', 'plan', 'model'])
    for (const file of readdirSync(join(ROOT, room)).sort())
      hash.update(file).update(readFileSync(join(ROOT, room, file)))
  hash.update(readFileSync(join(ROOT, 'package.json')))
  return hash.digest('hex').slice(0, 16)
}
