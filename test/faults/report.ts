import type { RunResult } from './run.ts';

/** All that a person needs to understand and repeat a run that failed. */
export function told({ schedule, problems, sinks, pushed, logs }: RunResult): string {
  const { fault, seed, setup, load, steps } = schedule;
  return [
    `${fault} with seed ${seed}: ${problems.join('; ')}`,
    `setup ${JSON.stringify(setup)}`,
    `load ${JSON.stringify(load)}, confirmed ${pushed}`,
    ...steps.map((step) => `  ${JSON.stringify(step)}`),
    ...sinks.map((sink) => `sink ${JSON.stringify(sink)}`),
    ...logs.map((log, at) => `── instance ${at} ──\n${log.slice(-6_000)}`),
  ].join('\n');
}
