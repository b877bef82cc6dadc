import type { Dice } from '../dice.ts';
import type { Action, Size, Step } from '../schedule.ts';
import type { LinkMode } from '../tcp-proxy.ts';
import { bulkRoute, csvRoute, type Fault, plan, strikes, whenVisible } from './fault.ts';

type Command = Extract<Action, { do: 'redis' }>['command'];

const restarts: readonly Fault[] = (
  [
    ['redis-restart', 'shutDown', 'is stopped and started again'],
    ['redis-kill', 'kill', 'is killed (-9) and started again'],
  ] satisfies [string, Command, string][]
).map(([name, command, about]) => ({
  name,
  about: `Redis with an append-only file, synced always, ${about}`,
  plan: (dice: Dice, size: Size) =>
    plan(size, {
      setup: { instances: 2 },
      badEvery: 67,
      steps: strikes(size, () => [
        { do: 'redis', command, after: dice.between(200, 1_200) },
        { do: 'redis', command: 'start', after: dice.between(0, size.outage) },
      ]),
    }),
}));

const nuisances: readonly Fault[] = (
  [
    ['script-flush', 'flushScripts', 'forgets its scripts'],
    ['client-kill', 'killClients', 'closes every connection'],
  ] satisfies [string, Command, string][]
).map(([name, command, about]) => ({
  name,
  about: `Redis ${about}, again and again`,
  plan: (dice: Dice, size: Size) =>
    plan(size, {
      setup: { routes: [bulkRoute('alpha'), csvRoute('files')] },
      steps: strikes({ ...size, strikes: size.strikes * 4 }, () => [
        { do: 'redis', command, after: dice.between(50, 600) },
      ]),
    }),
}));

const links: readonly Fault[] = (
  [
    ['cut', { kind: 'cut' }],
    ['delayed', { kind: 'delayed', ms: 100 }],
    ['throttled', { kind: 'throttled', bytesPerSecond: 100_000 }],
  ] satisfies [string, LinkMode][]
).map(([name, mode]) => ({
  name: `network-${name}`,
  about: `the network between both instances and Redis for a while: ${name}`,
  plan: (dice: Dice, size: Size) =>
    plan(size, {
      setup: { instances: 2, proxied: ['redis'] },
      steps: [
        whenVisible('alpha', 0.1),
        ...strikes({ ...size, strikes: Math.ceil(size.strikes / 2) }, () => [
          { do: 'link', to: 'redis', mode, after: dice.between(0, 500) },
          { do: 'link', to: 'redis', mode: { kind: 'open' }, after: size.outage },
        ]),
      ],
    }),
}));

/** Twenty seconds in the long set: beyond every timeout, and ten times the lease. */
const pause: Fault = {
  name: 'network-pause',
  about: 'nothing passes between both instances and Redis for a while, and nobody is told',
  plan: (dice, size) =>
    plan(size, {
      setup: { instances: 2, proxied: ['redis'] },
      steps: [
        whenVisible('alpha', 0.1),
        ...[size.pause, 1_000].flatMap((after): readonly Step[] => [
          { do: 'link', to: 'redis', mode: { kind: 'blackHole' }, after: dice.between(0, 500) },
          { do: 'link', to: 'redis', mode: { kind: 'open' }, after },
        ]),
      ],
    }),
};

const outOfMemory: Fault = {
  name: 'redis-full',
  about: 'Redis is out of memory (noeviction) for a while, with dead letters to be written',
  plan: (dice, size) =>
    plan(size, {
      setup: { routes: [bulkRoute('alpha', { rejectEvery: 11 }), bulkRoute('beta')] },
      badEvery: 37,
      steps: [
        whenVisible('alpha', 0.1),
        { do: 'redisFull', spare: dice.between(0, 100_000), after: dice.between(0, 500) },
        { do: 'redis', command: 'refill', after: size.outage },
      ],
    }),
};

const foreignEntries: Fault = {
  name: 'foreign-entries',
  about:
    'somebody else writes entries into our manifests: they are named, block nothing and count nowhere',
  plan: (dice, size) =>
    plan(size, {
      setup: { instances: 2 },
      steps: strikes(size, () => [
        { do: 'redis', command: 'spoilManifests', after: dice.between(200, 1_000) },
        { do: 'kill', instance: 0, after: dice.between(0, 300) },
        { do: 'start', after: 0 },
      ]),
    }),
};

const sentinel: Fault = {
  name: 'sentinel-failover',
  about:
    'the master is killed (-9), the sentinels make its replica the master; what the replica had must arrive',
  plan: (dice, size) =>
    plan(size, {
      setup: { store: 'sentinel', instances: 2 },
      duplicates: 'counted',
      steps: [whenVisible('alpha', 0.2), { do: 'failover', after: dice.between(0, 800) }],
    }),
};

const reshard: Fault = {
  name: 'cluster-reshard',
  about: 'the slots of all lists move to other nodes of a cluster while they are drained',
  plan: (dice, size) =>
    plan(size, {
      setup: { store: 'cluster', instances: 2 },
      steps: [whenVisible('alpha', 0.1), { do: 'reshard', after: dice.between(0, 500) }],
    }),
};

const clusterFailover: Fault = {
  name: 'cluster-failover',
  about: 'a replica takes the place of a cluster node while its lists are drained',
  plan: (dice, size) =>
    plan(size, {
      setup: { store: 'replicated-cluster', instances: 2 },
      steps: [whenVisible('alpha', 0.1), { do: 'failover', after: dice.between(0, 500) }],
    }),
};

export const redisFaults: readonly Fault[] = [
  ...restarts,
  ...nuisances,
  ...links,
  pause,
  outOfMemory,
  foreignEntries,
  sentinel,
  reshard,
  clusterFailover,
];
