import type { Dice } from '../dice.ts';
import type { Size, Step } from '../schedule.ts';
import { bulkRoute, csvRoute, type Fault, plan, whenVisible } from './fault.ts';

const hour = 3_600;

const pumpClock: Fault = {
  name: 'clock-pump',
  about:
    'the clock of the pumps is stepped by an hour, forward and back, with a kill (-9) after each step',
  stepsClocks: true,
  plan: (dice, size) =>
    plan(size, {
      setup: { instances: 2, hasClocks: true, routes: [bulkRoute('alpha'), csvRoute('files')] },
      badEvery: 59,
      steps: [hour, -hour, 0].flatMap((offset): readonly Step[] => [
        { do: 'clock', of: 'pump', offset, after: dice.between(200, 600) },
        { do: 'kill', instance: 0, after: dice.between(0, 400) },
        { do: 'start', after: 0 },
      ]),
    }),
};

/**
 * Leases are Redis's, by Redis's clock. Forward: all of them look run out, and others take over what is being delivered.
 * Back: those of a dead instance seem to have been renewed in the future.
 */
const redisClock: readonly Fault[] = (
  [
    ['forward', hour],
    ['back', -hour],
  ] satisfies [string, number][]
).map(([name, offset]) => ({
  name: `clock-redis-${name}`,
  about: `the clock of Redis is stepped ${name} by an hour in the moment in which an instance is killed (-9)`,
  stepsClocks: true,
  plan: (dice: Dice, size: Size) =>
    plan(size, {
      setup: {
        instances: 2,
        hasClocks: true,
        routes: [bulkRoute('alpha', { latency: 200 }), bulkRoute('beta')],
      },
      steps: [
        whenVisible('alpha', 0.1 + 0.2 * dice.share()),
        // What it holds is held when it dies.
        { do: 'sink', route: 'alpha', behaviour: { kind: 'hanging', stores: false }, after: 0 },
        { do: 'kill', instance: 0, after: dice.between(200, 1_200) },
        { do: 'clock', of: 'redis', offset, after: 0 },
        { do: 'sink', route: 'alpha', behaviour: { kind: 'healthy' }, after: 300 },
      ],
    }),
}));

export const clockFaults: readonly Fault[] = [pumpClock, ...redisClock];
