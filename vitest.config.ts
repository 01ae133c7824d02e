import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores and real servers: more files at once only make each of them wait.
    maxWorkers: 2,
    reporters: ['default'],
  },
})
