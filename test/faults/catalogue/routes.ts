import type { Dice } from '../dice.ts';
import type { Size, Step } from '../schedule.ts';
import { bulkRoute, csvRoute, type Fault, plan, whenVisible } from './fault.ts';

const latency = 100;
const teams: readonly [readonly string[], readonly string[]] = [['alpha'], ['files', 'gamma']];

const differentPumps: Fault = {
  name: 'different-pumps',
  about:
    'two instances with different pumps on one Redis, killed (-9) in turn: each route gets everything',
  plan: (dice, size) =>
    plan(size, {
      setup: {
        instances: 2,
        teams,
        routes: [
          bulkRoute('alpha', { latency }),
          csvRoute('files'),
          bulkRoute('gamma', { rejectEvery: 23 }),
        ],
      },
      badEvery: 61,
      // The oldest goes, and one like it comes: the next one to go is of the other kind.
      steps: Array.from({ length: size.strikes }, (_, strike): readonly Step[] => [
        whenVisible('gamma', (0.7 * (strike + dice.share())) / size.strikes),
        { do: 'kill', instance: 0, after: dice.between(0, 400) },
        { do: 'start', routes: teams[strike % 2 === 0 ? 0 : 1], after: dice.between(0, 300) },
      ]).flat(),
    }),
};

const changed: Fault = {
  name: 'routes-changed',
  about:
    'a route is removed with records it has not answered for, another one is added and gets nothing that was claimed before, and the removed one comes back',
  plan: (dice, size) =>
    plan(size, {
      setup: {
        teams: [['alpha', 'beta']],
        routes: [
          bulkRoute('alpha', { latency }),
          bulkRoute('beta'),
          bulkRoute('gamma', { keeps: 'since-mark' }),
        ],
      },
      overMs: Math.max(size.overMs, 6_000),
      steps: [
        whenVisible('beta', 0.1),
        { do: 'refuse', route: 'beta', after: 0 },
        { do: 'terminate', instance: 0, withinMs: 11_000, after: dice.between(0, 800) },
        { do: 'passBy', route: 'gamma', of: 'alpha', after: 0 },
        { do: 'start', routes: ['alpha', 'gamma'], after: dice.between(0, 300) },
        { do: 'mark', route: 'gamma', after: 0 },
        { do: 'kill', instance: 0, after: dice.between(500, 1_500) },
        { do: 'accept', route: 'beta', after: 0 },
        { do: 'start', after: 0 },
      ],
    }),
};

const forgotten: Fault = {
  name: 'route-forgotten',
  about:
    'a route is removed for longer than sluice.orphan_after: what it had left is named to the record, and Redis gets its memory back',
  isLong: true,
  plan: (_dice, size) =>
    plan(size, {
      setup: { routes: [bulkRoute('alpha'), bulkRoute('beta', { keeps: 'all-but-forgotten' })] },
      own: { orphan_after: '20s' },
      steps: [
        // No range of it is delivered in part: of such a one the log would count all.
        {
          do: 'sink',
          route: 'beta',
          behaviour: { kind: 'items', status: 429, share: 1 },
          after: 0,
        },
        whenVisible('alpha', 0.2),
        { do: 'terminate', instance: 0, withinMs: 11_000, after: 0 },
        { do: 'start', routes: ['alpha'], after: 0 },
        // Looked for once a minute, and two looks in a row must find it overdue.
        { do: 'forgotten', route: 'beta', withinMs: 240_000, after: 0 },
      ],
    }),
};

const release: Fault = {
  name: 'rollback',
  about:
    'the pump is killed (-9) with a sink down; sluice release, killed in its middle too, gives back exactly what some route had not answered for, in order',
  plan: (dice: Dice, size: Size) =>
    plan(size, {
      // What goes back is claimed anew, under new record ids.
      duplicates: 'counted',
      setup: { routes: [bulkRoute('alpha', { latency }), bulkRoute('beta')] },
      steps: [
        whenVisible('alpha', 0.2),
        { do: 'refuse', route: 'beta', after: 0 },
        whenVisible('alpha', 0.4 + 0.3 * dice.share()),
        { do: 'kill', instance: 0, after: dice.between(0, 500) },
        { do: 'release', kills: 2, after: 0 },
      ],
    }),
};

export const routeFaults: readonly Fault[] = [differentPumps, changed, forgotten, release];
