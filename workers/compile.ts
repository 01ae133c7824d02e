import { build } from 'esbuild'
import { keep } from './root.ts'

/**
 * Compiles a program of ours to one file beside the code; returns its path. It takes a tenth of a second, so it is
 * simply done again each time: no stale file can ever run.
 */
export async function compileTo(name: string, entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    write: false,
  })
  return keep(name, outputFiles[0]?.text ?? '')
}
