// Loaded by a worker before anything else: at SIGUSR2 it begins a profile of its main thread, and at the next SIGUSR2
// writes it to LONGHAUL_PROFILE.
const { writeFileSync, renameSync } = require('node:fs')
const { Session } = require('node:inspector')
const { isMainThread } = require('node:worker_threads')

const EVERY_US = 500

if (isMainThread && process.argv[1]?.includes('worker')) {
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.setSamplingInterval', { interval: EVERY_US })
  let isRunning = false
  process.on('SIGUSR2', () => {
    if (!isRunning) session.post('Profiler.start')
    else
      session.post('Profiler.stop', (error, { profile }) => {
        const file = process.env.LONGHAUL_PROFILE
        writeFileSync(`${file}.part`, JSON.stringify(profile))
        renameSync(`${file}.part`, file)
      })
    isRunning = !isRunning
  })
}
