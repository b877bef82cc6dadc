import type { Behaviour } from '../bulk-behaviour.ts';
import { canLimitFiles } from '../instance.ts';
import type { Step } from '../schedule.ts';
import type { LinkMode } from '../tcp-proxy.ts';
import { bulkRoute, csvRoute, type Fault, plan, whenVisible } from './fault.ts';

/** A healthy sibling must have everything while the sick one is still sick. */
const siblingGoesOn = (route = 'beta'): Step => ({
  do: 'arrived',
  route,
  share: 1,
  withinMs: 8_000,
  after: 0,
});

const behave = (route: string, behaviour: Behaviour, after = 0): Step => ({
  do: 'sink',
  route,
  behaviour,
  after,
});

/** For a while every delivery fails. */
const outages: readonly Fault[] = (
  [
    ['hanging', { kind: 'hanging', stores: false }],
    ['hanging-after-write', { kind: 'hanging', stores: true }],
    ['503', { kind: 'status', status: 503, share: 1 }],
    ['429', { kind: 'status', status: 429, share: 1 }],
    ['malformed', { kind: 'malformed', share: 1 }],
    ['cut', { kind: 'cut', share: 1 }],
    ['reset-before-write', { kind: 'reset', stores: false, share: 1 }],
    ['reset-after-write', { kind: 'reset', stores: true, share: 1 }],
  ] satisfies [string, Behaviour][]
).map(([name, behaviour]) => ({
  name: `sink-${name}`,
  about: `for a while every request ends so: ${name}; the sibling goes on`,
  plan: (_dice, size) =>
    plan(size, {
      steps: [
        whenVisible('alpha', 0.2),
        behave('alpha', behaviour),
        siblingGoesOn(),
        { do: 'nothing', after: size.outage },
      ],
    }),
}));

/** Some deliveries fail all the time, and all must arrive in spite of it. */
const nuisances: readonly Fault[] = (
  [
    ['429-items', { kind: 'items', status: 429, share: 0.3 }],
    ['500-items', { kind: 'items', status: 500, share: 0.3 }],
    ['cut-some', { kind: 'cut', share: 0.2 }],
    ['half-some', { kind: 'half', share: 0.2 }],
    ['reset-some', { kind: 'reset', stores: true, share: 0.2 }],
    ['chaos', { kind: 'chaos' }],
  ] satisfies [string, Behaviour][]
).map(([name, behaviour]) => ({
  name: `sink-${name}`,
  about: `some requests or items fail all the time: ${name}`,
  plan: (_dice, size) =>
    plan(size, {
      steps: [
        behave('alpha', behaviour),
        { do: 'arrived', route: 'alpha', share: 1, withinMs: 30_000, after: 0 },
      ],
    }),
}));

const refused: Fault = {
  name: 'sink-refused',
  about: 'connections are refused for a while, already at the start; the sibling goes on',
  plan: (_dice, size) =>
    plan(size, {
      steps: [
        { do: 'refuse', route: 'alpha', after: 0 },
        siblingGoesOn(),
        { do: 'accept', route: 'alpha', after: size.outage },
        whenVisible('alpha', 0.9),
        { do: 'refuse', route: 'alpha', after: 0 },
        { do: 'accept', route: 'alpha', after: 1_000 },
      ],
    }),
};

const rejecting: Fault = {
  name: 'sink-400-items',
  about: 'single records are refused for ever: exactly those become dead letters',
  plan: (_dice, size) =>
    plan(size, {
      setup: { routes: [bulkRoute('alpha', { rejectEvery: 9 }), bulkRoute('beta')] },
      badEvery: 41,
      steps: [siblingGoesOn()],
    }),
};

const links: readonly Fault[] = (
  [
    ['black-hole', { kind: 'blackHole' }],
    ['cut-link', { kind: 'cut' }],
    ['delayed', { kind: 'delayed', ms: 300 }],
    ['throttled', { kind: 'throttled', bytesPerSecond: 50_000 }],
  ] satisfies [string, LinkMode][]
).map(([name, mode]) => ({
  name: `sink-${name}`,
  about: `the network between pump and sink is ${name} for a while; the sibling goes on`,
  plan: (_dice, size) =>
    plan(size, {
      setup: { proxied: ['alpha'] },
      steps: [
        whenVisible('alpha', 0.2),
        { do: 'link', to: 'alpha', mode, after: 0 },
        siblingGoesOn(),
        { do: 'nothing', after: mode.kind === 'blackHole' ? size.pause : size.outage },
      ],
    }),
}));

/**
 * All times of an ordinary configuration that matter to an outage, and the outage itself, are divided by `haste`. Kills
 * strike in it: what is retried is in Redis, not in the process.
 */
const away: Fault = {
  name: 'sink-away',
  about: 'ten minutes without the sink, accelerated, with a kill (-9) in it; the sibling goes on',
  plan: (dice, size) => {
    const hasty = (ms: number, least = 0): string =>
      `${Math.max(least, Math.ceil(ms / size.haste))}ms`;
    return plan(size, {
      own: {
        lease: hasty(30_000, 500),
        backoff_base: hasty(200),
        backoff_max: hasty(30_000),
        attempt_timeout: hasty(30_000, 500),
      },
      steps: [
        whenVisible('alpha', 0.2),
        { do: 'refuse', route: 'alpha', after: 0 },
        siblingGoesOn(),
        { do: 'kill', instance: 0, after: dice.between(0, 300_000 / size.haste) },
        { do: 'start', after: 0 },
        { do: 'nothing', after: 600_000 / size.haste },
      ],
    });
  },
};

const isolation: Fault = {
  name: 'two-dead',
  about:
    'four routes: one black-holed, one refused, one refusing a tenth, one healthy that goes on',
  plan: (_dice, size) =>
    plan(size, {
      setup: {
        routes: [
          bulkRoute('alpha'),
          bulkRoute('beta'),
          bulkRoute('gamma'),
          bulkRoute('delta', { rejectEvery: 10 }),
        ],
        proxied: ['alpha'],
      },
      steps: [
        whenVisible('alpha', 0.2),
        { do: 'link', to: 'alpha', mode: { kind: 'blackHole' }, after: 0 },
        { do: 'refuse', route: 'gamma', after: 0 },
        siblingGoesOn('beta'),
        siblingGoesOn('delta'),
        { do: 'nothing', after: size.outage },
      ],
    }),
};

const diskFull: Fault = {
  name: 'disk-full',
  about: 'the file system takes no more rows for a while; the sibling goes on',
  plan: (_dice, size) =>
    plan(size, {
      setup: {
        routes: [csvRoute('files'), bulkRoute('beta')],
        // Room for about a third of the rows, which are a kilobyte each.
        fileLimit: Math.floor(size.records / 3) * 1_024,
      },
      steps: [siblingGoesOn(), { do: 'liftFileLimit', instance: 0, after: size.outage }],
    }),
};

const expiring: Fault = {
  name: 'expiring-lists',
  about: 'the gateway lets its lists expire, and a sink and the pump are away for longer than that',
  plan: (_dice, size) =>
    plan(size, {
      setup: { expireAfter: 3 },
      steps: [
        { do: 'refuse', route: 'alpha', after: 0 },
        siblingGoesOn(),
        // With it goes what it had in memory.
        { do: 'kill', instance: 0, after: 0 },
        { do: 'start', after: 4_000 },
        { do: 'accept', route: 'alpha', after: 0 },
      ],
    }),
};

export const sinkFaults: readonly Fault[] = [
  refused,
  away,
  ...outages,
  ...nuisances,
  rejecting,
  ...links,
  isolation,
  expiring,
  ...(canLimitFiles ? [diskFull] : []),
];
