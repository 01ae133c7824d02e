import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // HBase takes some seconds to stop.
    teardownTimeout: 60_000,
    // On two cores; most of a test is waiting for a server.
    maxWorkers: 4,
    reporters: ['default'],
  },
})
