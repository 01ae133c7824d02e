import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// `npm test [files]`: every ring against real servers, which test/setup.ts starts and stops.
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const child = spawn(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: fileURLToPath(new URL('..', import.meta.url)),
})
// The terminal signals the whole group; a parent that died first would leave the servers without a teardown.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
