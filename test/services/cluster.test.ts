import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { birth } from '../../services/process.ts'

const WATCH = fileURLToPath(new URL('../../services/hbase/cluster/watch.ts', import.meta.url))

// A stand-in for a server is enough: what is shown is that its end needs no handler of its parent's.
const PARENT = `
import { spawn } from 'node:child_process'
import { startWatch } from ${JSON.stringify(WATCH)}
const watch = startWatch()
const start = () => spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
const [kept, released] = [start(), start()]
for (const { pid } of [kept, released]) watch.add(pid)
watch.remove(released.pid)
process.stdout.write(JSON.stringify([kept.pid, released.pid]))
setInterval(() => {}, 1000)
`

test('the parts of a cluster die with their process, even when that is killed', async () => {
  const parent = spawn(process.execPath, [
    ...['--import', import.meta.resolve('tsx')],
    ...['--input-type=module', '--eval', PARENT],
  ])
  const [output] = (await once(parent.stdout, 'data')) as [Buffer]
  const [kept, released] = JSON.parse(output.toString()) as [number, number]
  expect(birth(kept)).not.toBe('')
  parent.kill('SIGKILL')
  await expect.poll(() => birth(kept), { timeout: 10_000 }).toBe('')
  expect(birth(released)).not.toBe('')
  process.kill(released, 'SIGKILL')
})
