import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * The workflows in one file, bundled once per state of the code: a worker that finds it is ready seconds
 * sooner. Kept beside the code, or in the temporary folder where that cannot be written.
 */
export async function workflowBundle(): Promise<{ codePath: string }> {
  const name = `workflows-${fingerprint()}.js`
  for (const folder of [here('../dist'), join(tmpdir(), 'longhaul')])
    if (existsSync(join(folder, name))) return { codePath: join(folder, name) }
  // in a process of its own: the bundler needs more memory than the worker ever will
  const script = here(`./build-bundle${extname(import.meta.url)}`)
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, script], {
    maxBuffer: 1 << 26,
    cwd: here('..'),
  })
  return { codePath: await keep(name, stdout) }
}

async function keep(name: string, code: string): Promise<string> {
  try {
    return await write(here('../dist'), name, code)
  } catch {
    return write(join(tmpdir(), 'longhaul'), name, code)
  }
}

/** Under another name first, so that two workers starting at once never read half a file. */
async function write(folder: string, name: string, code: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const part = join(folder, `${name}.${process.pid}`)
  await writeFile(part, code)
  await rename(part, join(folder, name))
  return join(folder, name)
}

/** Everything that goes into the bundle: our own code, and the version of the SDK. */
function fingerprint(): string {
  const hash = createHash('sha256')
  for (const room of ['workflows', 'plan', 'model'])
    for (const file of readdirSync(here(`../${room}`)).sort())
      hash.update(file).update(readFileSync(here(`../${room}/${file}`)))
  hash.update(readFileSync(here('../package.json')))
  return hash.digest('hex').slice(0, 16)
}
