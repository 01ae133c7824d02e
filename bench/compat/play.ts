import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Case, Site } from './case.ts'
import type { Assignment, Told, Word } from './cases.ts'

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))
const SECONDS = 30
/** What a program that has nothing more to do is given to end. */
const END_MS = 10_000

/** Plays one case with one client and returns the outcome; never fails on account of the client. */
export async function play(one: Case, assignment: Assignment, site: Site): Promise<string> {
  const child = fork(CHILD, [JSON.stringify(assignment)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  try {
    const told = await listen(child, one, site)
    return one.ends === true && told === 'ends' ? await ending(child) : told
  } finally {
    child.kill('SIGKILL')
  }
}

function listen(child: ChildProcess, one: Case, site: Site): Promise<string> {
  const seconds = one.seconds ?? SECONDS
  let complaints = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = `${complaints}${chunk.toString()}`.slice(-20_000)
  })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve(`no answer, not even an error, within ${seconds} s`)
    }, seconds * 1000)
    child.once('close', () => {
      clearTimeout(timer)
      resolve(`the process ends: ${lastError(complaints)}`)
    })
    child.on('message', (word: Word) => {
      if (word.kind === 'ask') {
        happen(word.event, one, site).then((text) => {
          child.send({ text } satisfies Told)
        }, reject)
        return
      }
      clearTimeout(timer)
      resolve(word.text)
    })
  })
}

function happen(event: string, one: Case, site: Site): Promise<string> {
  const action = one.events?.[event]
  if (action === undefined) throw new Error(`"${one.title}" has no event "${event}".`)
  return action(site)
}

async function ending(child: ChildProcess): Promise<string> {
  if (child.exitCode !== null) return 'ends'
  const late = AbortSignal.timeout(END_MS)
  return once(child, 'exit', { signal: late }).then(
    () => 'ends',
    () => 'does not end: there is no `close()`',
  )
}

/** The error a process printed when it died of it. */
const lastError = (text: string): string =>
  /^(?:Uncaught )?(\w*Error.*)$/m.exec(text)?.[1] ?? 'without a word'
