import type { Fault } from './fault.ts';

/** What is worth playing again with several threads: whoever holds leases, spills, stops or is killed. */
const replayed = new Set([
  'kill',
  'kill-replica',
  'freeze',
  'sigterm-healthy',
  'sigterm-hanging',
  'sink-chaos',
  'redis-kill',
  'bound-spill',
]);

/** The same faults against processes that read and deliver in three threads beside the main one. */
export const workerFaults = (faults: readonly Fault[]): readonly Fault[] =>
  faults
    .filter(({ name }) => replayed.has(name))
    .map((fault) => ({
      ...fault,
      name: `workers-${fault.name}`,
      about: `with three worker threads: ${fault.about}`,
      plan(dice, size) {
        const plan = fault.plan(dice, size);
        const { setup } = plan;
        return { ...plan, setup: { ...setup, own: { ...setup.own, workers: 3 } } };
      },
    }));
