import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { CONTROLS, without } from './controls.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

// Code that changes would otherwise leave a control behind that only `npm run test:controls` misses.
test.each(CONTROLS.map((control) => [control.name, control] as const))(
  'the control of %s finds what it takes out',
  (_name, control) => {
    const text = readFileSync(join(ROOT, control.file), 'utf8')
    expect(without(text, control)).not.toBe(text)
    for (const path of control.tests)
      expect(readFileSync(join(ROOT, path), 'utf8')).toContain('test')
  },
)
