import { defineConfig } from 'vitest/config'

// npx vitest run --config test/replay/record.config.ts
// Records the histories that replay.test.ts replays, with the code of a release.
export default defineConfig({
  test: {
    include: ['test/replay/record.ts'],
    globalSetup: ['test/setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
})
