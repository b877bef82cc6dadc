import type { Run } from '../results.ts';

/** A run with figures that say nothing, but for what is given. */
export const runOf = (given: Partial<Run>): Run => ({
  ...{ kind: 'run', sink: 'csv', size: '1KB', encoding: 'msgpack', backlog: 100_000 },
  ...{ pump: 'sluice', round: 1, recordsPerSecond: 100_000, seconds: 1, cpuPer100k: 1 },
  ...{ startCpu: 0.3, peakMiB: 100, redisCommandsPer1000: 4, redisKiBPer1000: 1_000 },
  ...{ lost: 0, invented: 0, foreignCores: 0 },
  ...given,
});
