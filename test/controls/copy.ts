import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../../workers/root.ts'

/** Copies what git knows of these, as it is now; packages are only linked. */
export function copyTo(copy: string, names: readonly string[]): void {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', ...names], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  for (const file of files.split('\n').filter(Boolean)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    cpSync(join(ROOT, file), join(copy, file))
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
}
