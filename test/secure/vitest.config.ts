import { defineConfig } from 'vitest/config'

// npm run test:secure; which files run is said by test/secure/main.ts, on a server that it has started.
export default defineConfig({
  test: {
    include: ['test/hbase/*.test.ts', 'test/secure/*.refusals.ts'],
    globalSetup: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
  },
})
