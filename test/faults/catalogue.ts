import { boundFaults } from './catalogue/bounds.ts';
import { clockFaults } from './catalogue/clock.ts';
import { databaseFaults } from './catalogue/databases.ts';
import type { Fault } from './catalogue/fault.ts';
import { processFaults } from './catalogue/processes.ts';
import { redisFaults } from './catalogue/redis.ts';
import { routeFaults } from './catalogue/routes.ts';
import { sinkFaults } from './catalogue/sinks.ts';
import { workerFaults } from './catalogue/workers.ts';
import { Dice, seedOf } from './dice.ts';
import type { Schedule, Size } from './schedule.ts';

const inOneThread: readonly Fault[] = [
  ...processFaults,
  ...sinkFaults,
  ...redisFaults,
  ...clockFaults,
  ...boundFaults,
  ...routeFaults,
  ...databaseFaults,
];

export const faults: readonly Fault[] = [...inOneThread, ...workerFaults(inOneThread)];

/** Each kind once, in a few seconds. */
export const shortSize: Size = {
  records: 600,
  overMs: 1_500,
  strikes: 2,
  outage: 1_500,
  pause: 3_000,
  haste: 120,
};

export const longSize: Size = {
  records: 3_000,
  overMs: 5_000,
  strikes: 20,
  outage: 8_000,
  pause: 20_000,
  haste: 4,
};

export function scheduleOf(fault: Fault, seed: number, size: Size): Schedule {
  return { fault: fault.name, seed, ...fault.plan(new Dice(seedOf(fault.name, seed)), size) };
}
