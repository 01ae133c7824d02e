import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker'

// Prints the workflows as one file; bundle.ts runs this and keeps what it prints.
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(
    new URL(`../workflows/index${extname(import.meta.url)}`, import.meta.url),
  ),
  logger: new DefaultLogger('ERROR'),
})
process.stdout.write(code)
