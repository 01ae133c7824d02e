import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * The workflows in one file, bundled once per state of the code: a worker that finds it is ready seconds
 * sooner. Kept beside the code, or in the temporary folder where that cannot be written.
 */
export async function workflowBundle(): Promise<{ codePath: string }> {
  const name = `workflows-${fingerprint()}.js`
  for (const folder of [here('../dist'), join(tmpdir(), 'longhaul')])
    if (existsSync(join(folder, name))) return { codePath: join(folder, name) }
  const { code } = await bundleWorkflowCode({
    workflowsPath: here(`../workflows/index${extname(import.meta.url)}`),
    logger: new DefaultLogger('ERROR'),
  })
  return { codePath: await keep(name, code) }
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
