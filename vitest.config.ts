import { defineConfig } from 'vitest/config';

/** `unit` needs nothing but Node; `live` needs the real servers that test/services starts. */
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{src,pumps,test,bench}/**/*.test.ts'],
          exclude: [
            '**/*.live.test.ts',
            'test/e2e/**',
            'test/conformance/**',
            'test/faults/**',
            '**/node_modules/**',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'live',
          include: ['{src,pumps}/**/*.live.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 180_000,
          // Most of a run is waiting; more at once would make the waiting itself late.
          maxConcurrency: 4,
        },
      },
    ],
  },
});
