import type { Behaviour } from '../bulk-behaviour.ts';
import type { Dice } from '../dice.ts';
import type { Size, Step } from '../schedule.ts';
import type { LinkMode } from '../tcp-proxy.ts';
import { bulkRoute, csvRoute, type Fault, plan, strikes, whenVisible } from './fault.ts';

/** Milliseconds: slow enough that a kill at a random moment finds deliveries under way. */
const latency = 200;

/** Kills and replaces one of the instances, at moments spread over the load: whenever some more of it has arrived. */
export function kills(dice: Dice, size: Size, instances: number): readonly Step[] {
  return Array.from({ length: size.strikes }, (_, strike): readonly Step[] => [
    whenVisible('alpha', (0.8 * (strike + dice.share())) / size.strikes),
    { do: 'kill', instance: dice.between(0, instances - 1), after: dice.between(0, 400) },
    { do: 'start', after: dice.between(0, 300) },
  ]).flat();
}

const kill: Fault = {
  name: 'kill',
  about: 'the only instance is killed (-9) at a random moment and replaced, again and again',
  plan: (dice, size) =>
    plan(size, {
      setup: { routes: [bulkRoute('alpha', { rejectEvery: 31, latency }), csvRoute('files')] },
      badEvery: 97,
      steps: kills(dice, size, 1),
    }),
};

const killReplica: Fault = {
  name: 'kill-replica',
  about: 'one of three instances is killed (-9) and replaced, again and again',
  plan: (dice, size) =>
    plan(size, {
      setup: { instances: 3, routes: [bulkRoute('alpha', { latency }), bulkRoute('beta')] },
      steps: kills(dice, size, 3),
    }),
};

const killWhileSinkFails: Fault = {
  name: 'kill-chaos',
  about: 'kills (-9) while the sink mixes every misbehaviour it knows',
  plan: (dice, size) =>
    plan(size, {
      setup: {
        instances: 2,
        routes: [bulkRoute('alpha', { rejectEvery: 17, latency }), bulkRoute('beta')],
      },
      badEvery: 53,
      steps: [
        { do: 'sink', route: 'alpha', behaviour: { kind: 'chaos' }, after: 0 },
        ...kills(dice, size, 2),
      ],
    }),
};

const freeze: Fault = {
  name: 'freeze',
  about: 'one of two instances stands still (SIGSTOP) for longer than its lease and wakes up again',
  plan: (dice, size) =>
    plan(size, {
      setup: { instances: 2 },
      steps: strikes(size, () => [
        { do: 'pause', instance: 0, after: dice.between(200, 1_200) },
        { do: 'resume', instance: 0, after: dice.between(4_000, 6_000) },
      ]),
    }),
};

/**
 * Answers take long, so that the instance is stopped between a lease and its answer: the ranges are its own, and it has
 * asked for none of them. When it wakes up others have delivered them, and Redis has its memory back. The other instance
 * comes only then, for else it may be the one that leases everything.
 */
const lateOwner: Fault = {
  name: 'late-owner',
  about:
    'an instance that stood still for longer than its lease reads ranges which others have delivered meanwhile: no false alarm',
  plan: (dice, size) => {
    const strike = (others: readonly Step[]): readonly Step[] => [
      distantRedis,
      { do: 'leases', instance: 0, withinMs: 5_000, after: dice.between(0, 500) },
      { do: 'pause', instance: 0, after: 0 },
      { do: 'link', to: 'redis', mode: { kind: 'open' }, after: 0 },
      ...others,
      { do: 'resume', instance: 0, after: 6_000 },
      // Everything has arrived by now: without this it would be told to stop before it has read.
      { do: 'nothing', after: 2_000 },
    ];
    const more = { ...size, strikes: Math.ceil(size.strikes / 4) - 1 };
    return plan(size, {
      setup: { proxied: ['redis'], redisTimeout: 30 },
      overMs: Math.max(size.overMs, 6_000),
      steps: [
        whenVisible('alpha', 0.05),
        ...strike([{ do: 'start', after: 0 }]),
        ...strikes(more, () => strike([])),
      ],
    });
  },
};

const distantRedis: Step = {
  do: 'link',
  to: 'redis',
  mode: { kind: 'delayed', ms: 400 },
  after: 0,
};

/** How a sink may be at the moment of a SIGTERM. */
const states: readonly (readonly [string, readonly Step[]])[] = (
  [
    ['healthy', { kind: 'healthy' }],
    ['slow', { kind: 'slow', ms: 1_000 }],
    ['hanging', { kind: 'hanging', stores: false }],
    ['hanging-after-write', { kind: 'hanging', stores: true }],
    ['unavailable', { kind: 'status', status: 503, share: 1 }],
  ] satisfies [string, Behaviour][]
).map(([name, behaviour]) => [name, [{ do: 'sink', route: 'alpha', behaviour, after: 0 }]]);

const refused: readonly [string, readonly Step[]] = [
  'refused',
  [{ do: 'refuse', route: 'alpha', after: 0 }],
];

/**
 * The lease is far longer than the run: only what the leaving instance gives back can be delivered by the other one in
 * time.
 */
const terminations: readonly Fault[] = [...states, refused].map(([state, breakSink]) => ({
  name: `sigterm-${state}`,
  about: `one of two instances is stopped (SIGTERM) with its sink ${state}: exit code 0 in time, the other goes on at once`,
  plan: (dice: Dice, size: Size) =>
    plan(size, {
      setup: { instances: 2 },
      own: { lease: '120s' },
      steps: [
        whenVisible('alpha', 0.2),
        ...breakSink,
        { do: 'terminate', instance: 0, withinMs: 11_000, after: dice.between(300, 1_500) },
        { do: 'sink', route: 'alpha', behaviour: { kind: 'healthy' }, after: 0 },
        { do: 'accept', route: 'alpha', after: 0 },
        { do: 'arrived', route: 'alpha', share: 1, withinMs: 8_000, after: 0 },
      ],
    }),
}));

/** Nothing can be given back, and every command meets its deadline: the stop must not wait for one after the other. */
const terminationsWithoutRedis: readonly Fault[] = (
  [
    ['silent', { kind: 'blackHole' }],
    ['slow', { kind: 'throttled', bytesPerSecond: 30_000 }],
  ] satisfies [string, LinkMode][]
).map(([state, mode]) => ({
  name: `sigterm-redis-${state}`,
  about: `one of two instances is stopped (SIGTERM) with Redis ${state} for both: exit code 0 in time, nothing is lost`,
  plan: (dice: Dice, size: Size) =>
    plan(size, {
      setup: { instances: 2, proxied: ['redis'] },
      steps: [
        whenVisible('alpha', 0.2),
        { do: 'link', to: 'redis', mode, after: 0 },
        { do: 'terminate', instance: 0, withinMs: 11_000, after: dice.between(300, 4_000) },
        { do: 'link', to: 'redis', mode: { kind: 'open' }, after: 0 },
      ],
    }),
}));

export const processFaults: readonly Fault[] = [
  kill,
  killReplica,
  killWhileSinkFails,
  freeze,
  lateOwner,
  ...terminations,
  ...terminationsWithoutRedis,
];
