import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const otherProjects = [
  '**/*.live.test.ts',
  'test/e2e/**',
  'test/conformance/**',
  'test/faults/**',
  '**/node_modules/**',
];

/** `unit` and `unit-alone` need nothing but Node; `live` needs the real servers that test/services starts. */
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    reporters: ['default', './scripts/lib/counts-reporter.mjs'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{src,pumps,sources,templates,test,bench,extension}/**/*.test.ts'],
          exclude: ['**/*.alone.test.ts', ...otherProjects],
          // A process for each file costs more than the tests in it. What files share so is watched over.
          isolate: false,
          setupFiles: ['test/shared-process.ts'],
          env: { TZ: 'UTC' },
          // None takes a second on a quiet machine; a busy one is no failure.
          testTimeout: 60_000,
          maxWorkers: availableParallelism(),
        },
      },
      {
        extends: true,
        test: {
          name: 'unit-alone',
          include: ['{src,pumps,sources,test,bench}/**/*.alone.test.ts'],
          exclude: otherProjects,
          testTimeout: 60_000,
          maxWorkers: availableParallelism(),
        },
      },
      {
        extends: true,
        test: {
          name: 'live',
          include: ['{src,pumps,sources}/**/*.live.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
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
          sequence: { groupOrder: 2 },
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
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
