import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'longhaul-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** Runs the installed program as a shell would. */
const longhaul = (...args: string[]) =>
  new Promise<{ exit: number; out: string; err: string }>((resolve) => {
    const child = execFile('cli/bin.js', args, (_, out, err) => {
      resolve({ exit: child.exitCode ?? -1, out, err })
    })
  })

const RIGHT = 'project: shop\nsource: s\ncluster: c\ntables: [a.b]\n'

describe('the program', () => {
  test('says what it can do, with examples and exit codes', async () => {
    const { exit, out } = await longhaul('--help')
    expect(exit).toBe(0)
    for (const command of [
      'start',
      'status',
      'pause',
      'resume',
      'reload',
      'answer',
      'verify',
      'certificate',
      'switch',
      'release',
      'sweep',
      'worker',
      'services',
      'check',
    ])
      expect(out).toMatch(new RegExp(`^  ${command} `, 'm'))
    expect(out).toContain('Exit codes:')
  })

  test('ends with 2 for a command it cannot understand', async () => {
    expect(await longhaul('statsu')).toMatchObject({ exit: 2 })
    expect(await longhaul('status', 'Shop/1')).toMatchObject({ exit: 2, out: '' })
    expect((await longhaul('answer', 'shop')).exit).toBe(2)
  })

  test('checks a file without any server', async () => {
    const path = file('shop.yaml', RIGHT)
    expect(await longhaul('check', path)).toMatchObject({
      exit: 0,
      out: `${path} is right: project shop, 1 table to c\n`,
    })
    const { out } = await longhaul('check', path, '--json')
    expect(JSON.parse(out)).toMatchObject({ name: 'shop' })
  })

  test('ends with 2 and one sentence for a file that is wrong, before it talks to a server', async () => {
    const path = file('wrong.yaml', RIGHT.replace('tables', 'tabels'))
    const { exit, err } = await longhaul('start', path)
    expect(exit).toBe(2)
    expect(err).toBe(
      `The file is not valid: ${path}:4: tabels is not known; did you mean tables? [CONFIG_INVALID]\n`,
    )
  })

  test('ends with 3 when the Temporal server cannot be reached', async () => {
    const { exit, err } = await longhaul('status', 'shop', '--address', '127.0.0.1:1')
    expect(exit).toBe(3)
    expect(err).toContain('127.0.0.1:1')
    expect(err).toContain('[TEMPORAL_UNREACHABLE]')
    expect(err).not.toContain('    at ')
    const json = await longhaul('status', '-o', 'json', '--address', '127.0.0.1:1')
    expect(JSON.parse(json.err)).toMatchObject({ error: { code: 'TEMPORAL_UNREACHABLE' } })
  })
})
