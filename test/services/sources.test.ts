import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { intoCache } from '../../services/cache.ts'
import { fromLines, fromStanzas } from '../../services/debian.ts'
import { download } from '../../services/download.ts'
import { fromMaven } from '../../services/maven.ts'
import { firstOf } from '../../services/places.ts'
import { run } from '../../services/run.ts'

const { signal } = new AbortController()
const content = randomBytes(300_000)
const sha256 = createHash('sha256').update(content).digest('hex')
let folder = ''
const closers: (() => void)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-sources-'))
  vi.stubEnv('LONGHAUL_CACHE', join(folder, 'cache'))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closers.splice(0)) close()
  await rm(folder, { recursive: true, force: true })
})

/** A repository on the loopback address that answers as told. */
async function repository(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a download', () => {
  const attempt = (url: string) =>
    download({ url, target: join(folder, 'file'), sha256, bytes: 300_000, signal, silenceMs: 400 })

  test('is kept when the checksum is right', async () => {
    const base = await repository((_, response) => response.end(content))
    await attempt(`${base}/file`)
    expect(readFileSync(join(folder, 'file')).equals(content)).toBe(true)
  })

  test('with a wrong checksum is refused and not kept', async () => {
    const changed = Buffer.from(content)
    changed[17] = (changed[17] ?? 0) ^ 1
    const base = await repository((_, response) => response.end(changed))
    await expect(attempt(`${base}/file`)).rejects.toThrow(/refused: its sha256 is/)
    expect(existsSync(join(folder, 'file'))).toBe(false)
  })

  test.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['stops in the middle', (_, response) => void response.write(content.subarray(0, 1000))],
  ])('is given up soon when the source %s', async (_, answer) => {
    const base = await repository(answer)
    const began = Date.now()
    await expect(attempt(`${base}/file`)).rejects.toThrow(/sent nothing for 0.4 s/)
    expect(Date.now() - began).toBeLessThan(3000)
    expect(existsSync(join(folder, 'file'))).toBe(false)
  })

  test('that the source cuts off is not kept', async () => {
    const base = await repository((_, response) => {
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 1000), () => response.destroy())
    })
    await expect(attempt(`${base}/file`)).rejects.toThrow()
    expect(existsSync(join(folder, 'file'))).toBe(false)
  })
})

describe('the package registry', () => {
  async function search(
    answer: RequestListener,
  ): Promise<{ log: string[]; found: Promise<unknown> }> {
    vi.stubEnv('MAVEN_REPO_URL', await repository(answer))
    vi.stubEnv('PATH', join(folder, 'empty'))
    const lock = join(folder, 'jars.lock')
    await writeFile(lock, `org.example:part:1.0 300000 ${sha256}\n`)
    const log: string[] = []
    const tell = (line: string): void => void log.push(line)
    const wanted = { what: 'Example', lock, key: 'example', log: tell, signal }
    const places = fromMaven(wanted, (at) => Promise.resolve({ at }))
    return {
      log,
      found: firstOf({ what: 'Example', places, advice: 'Get it.', log: tell, signal }),
    }
  }

  test('is asked directly where there is no Maven, and the entry holds the right bytes', async () => {
    const { found } = await search((_, response) => response.end(content))
    await expect(found).resolves.toMatchObject({ origin: 'MAVEN_REPO_URL' })
    expect(readFileSync(join(folder, 'cache/example/part-1.0.jar')).equals(content)).toBe(true)
  })

  test('that lies leaves nothing in the cache, and the error says what to do', async () => {
    const { found } = await search((_, response) => response.end(randomBytes(300_000)))
    await expect(found).rejects.toThrow(/Example was found nowhere\. Get it\.[^]*was refused/)
    expect(readdirSync(join(folder, 'cache'))).toEqual(['staging'])
    expect(readdirSync(join(folder, 'cache/staging'))).toEqual([])
  })
})

describe('a search', () => {
  test('leaves a hanging program within its time and takes the next place', async () => {
    const log: string[] = []
    const began = Date.now()
    const found = await firstOf({
      what: 'Example',
      places: [
        { origin: 'absent', look: () => Promise.resolve(undefined) },
        {
          origin: 'hanging',
          look: async () => ({ text: await run('sleep', ['60'], { signal, silenceMs: 500 }) }),
        },
        { origin: 'good', look: () => Promise.resolve({ text: 'here' }) },
      ],
      advice: '',
      log: (line) => void log.push(line),
      signal,
    })
    expect(found).toEqual({ text: 'here', origin: 'good' })
    expect(Date.now() - began).toBeLessThan(3000)
    expect(log.join()).toMatch(
      /hanging failed after .* trying the next place: sleep printed nothing/,
    )
  })

  test('takes the archive from either form of apt sources', () => {
    const stanza = 'Types: deb\nURIs: http://deb.example/debian\nSuites: trixie trixie-updates\n'
    expect(fromStanzas(`${stanza}Components: main\n`, 'trixie')).toBe('http://deb.example/debian')
    expect(fromStanzas(`${stanza}Components: main\n`, 'sid')).toBeUndefined()
    const lines =
      'deb-src http://no/ trixie main\ndeb [arch=amd64] http://yes/ trixie contrib main\n'
    expect(fromLines(lines, 'trixie')).toBe('http://yes/')
    expect(fromLines('deb http://no/ trixie-updates main\n', 'trixie')).toBeUndefined()
  })
})

describe('the cache', () => {
  const tools = { log: () => undefined, signal }

  test('fills an entry once when two want it at once', async () => {
    let fills = 0
    const fill = async (staging: string): Promise<void> => {
      fills++
      await new Promise((resolve) => setTimeout(resolve, 200))
      await writeFile(join(staging, 'file'), 'whole')
    }
    const both = [intoCache('entry', tools, fill), intoCache('entry', tools, fill)]
    expect(new Set(await Promise.all(both))).toEqual(new Set([join(folder, 'cache/entry')]))
    expect(fills).toBe(1)
  })

  test('has nothing of a fill that failed, and takes over from a dead owner', async () => {
    const broken = intoCache('entry', tools, async (staging) => {
      await writeFile(join(staging, 'file'), 'half')
      throw new Error('cut')
    })
    await expect(broken).rejects.toThrow('cut')
    expect(existsSync(join(folder, 'cache/entry'))).toBe(false)
    const dead = { pid: 999_999, born: 'once' }
    await writeFile(join(folder, 'cache/entry.lock'), JSON.stringify(dead))
    await expect(intoCache('entry', tools, () => Promise.resolve())).resolves.toContain('entry')
  })
})
