// Browser tests of the built window: npm run ui:e2e. Not its business: unit tests beside the code (vite.config.ts).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: '../../node_modules/.vite/ui-tests',
  test: {
    environment: 'node',
    include: ['*.test.ts'],
    globalSetup: ['./server.ts'],
    reporters: ['default', './counted.ts'],
    // Two browsers at once are what two cores bear.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
  },
});
