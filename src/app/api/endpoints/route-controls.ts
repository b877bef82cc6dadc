/** What operators want of a route, in all instances: the same as `sluice route …` says. */
import type { PumpEntry } from '../../../config/config.ts';
import { configLists } from '../../../operate/config-lists.ts';
import {
  changeRate,
  pause,
  resume,
  rewind,
  routeNamed,
  skipToNow,
} from '../../../operate/controls.ts';
import { sortLists } from '../../../operate/known-lists.ts';
import { readTime } from '../../../operate/time-text.ts';
import type { SourceList } from '../../../purge/lease/lease.ts';
import type { RedisClient } from '../../../redis/client.ts';
import type { Told } from '../../../route/controls/store.ts';
import type { Rate } from '../../../route/pace/rate.ts';
import { type Answer, type Asked, answered, type Endpoint, refused } from '../endpoint.ts';
import type { ApiParts } from '../parts.ts';
import { count, flag, nullable, object, optional, type Schema, time } from '../schema.ts';
import { routeName, told } from './books.ts';

const paused: Schema = object(
  {
    route: routeName,
    has_changed: flag('False: it was so already, and who said it first stays.'),
    paused: nullable(told),
  },
  { title: 'RoutePause' },
);

const most = (what: string): Schema => nullable(count(`Most ${what} in a second; null: any.`));

const rate: Schema = object(
  {
    route: routeName,
    rate: nullable(
      object(
        { records: most('records'), bytes: most('bytes'), said: nullable(told) },
        {
          title: 'RateInForce',
          description: 'The current rate; `said` is null if it comes from the configuration.',
        },
      ),
    ),
  },
  { title: 'RouteRate' },
);

const ratePart = (what: string): Schema => ({
  type: 'integer',
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: `Most ${what} that the sink is sent in a second, by all instances together.`,
});

const wantedRate: Schema = object(
  {
    records: optional(ratePart('records')),
    bytes: optional(ratePart('bytes of records')),
    unlimited: optional(flag('As much as the sink takes, whatever the configuration says.')),
    off: optional(flag('As the configuration says again.')),
  },
  {
    title: 'WantedRate',
    description: '`records`, `bytes` or both; or `unlimited: true`; or `off: true`.',
  },
);

const rewound: Schema = object(
  {
    route: routeName,
    since: time('What was claimed from then on is given again.'),
    records: count('Records given again.'),
    kept_since: nullable(time('When the oldest was claimed that is kept; null: nothing is.')),
  },
  { title: 'RouteRewind' },
);

const skipped: Schema = object(
  { route: routeName, skipped: count('Records left out.') },
  { title: 'RouteSkip' },
);

/** What a control works on. */
interface Work {
  readonly client: RedisClient;
  readonly config: ApiParts['config'];
  readonly entry: PumpEntry;
  readonly lists: readonly SourceList[];
  readonly said: Told;
  readonly body: unknown;
  readonly now: number;
}

type Control = Pick<Endpoint, 'id' | 'summary' | 'description' | 'body' | 'answer'> & {
  readonly path: string;
  readonly work: (work: Work) => Promise<Answer>;
};

const controls: readonly Control[] = [
  {
    path: 'pause',
    id: 'pause-route',
    summary: 'Sends the sink of a route nothing more, until it is resumed.',
    description:
      'In all instances, within two seconds, and over restarts. Its records wait within the bounds (docs/routes.md).',
    answer: { description: 'Who paused it, and when.', schema: paused },
    async work({ client, config, entry, said }) {
      const found = await pause(client, config, entry, said);
      return answered({ route: entry.name, ...found });
    },
  },
  {
    path: 'resume',
    id: 'resume-route',
    summary: 'Ends the pause of a route.',
    description: 'It continues from where it was, within two seconds.',
    answer: { description: 'Whether it was paused.', schema: paused },
    async work({ client, config, entry, said }) {
      const { hasChanged } = await resume(client, config, entry, said);
      return answered({ route: entry.name, hasChanged, paused: null });
    },
  },
  {
    path: 'rate',
    id: 'set-route-rate',
    summary: 'Limits how much a sink is sent per second.',
    description: 'Applies in all instances and across restarts, until you set `off`.',
    body: wantedRate,
    answer: { description: 'The rate in force.', schema: rate },
    async work({ client, config, entry, said, body }) {
      const wanted = rateOf(body as WantedRate);
      if (wanted === undefined)
        return refused(400, 'a rate is records, bytes or both, or unlimited: true, or off: true');
      const inForce = await changeRate(client, config, entry, { ...said, ...wanted });
      return answered({ route: entry.name, rate: inForce });
    },
  },
  {
    path: 'rewind',
    id: 'rewind-route',
    summary: 'Delivers again what was claimed since then and is still kept.',
    description:
      'Under the same record ids. Records are kept for `sluice.retain`, within `retained_bytes`.',
    body: object(
      {
        to: {
          type: 'string',
          maxLength: 100,
          description:
            'An ISO time (`2026-01-31T14:00:00Z`), how long ago (`2h`), or a time of the day (`14:00`) by the clock and zone of the instance.',
        },
      },
      { title: 'WantedRewind' },
    ),
    answer: { description: 'How many, and how far back it could go.', schema: rewound },
    async work({ client, config, entry, lists, said, body, now }) {
      const since = readTime((body as { readonly to: string }).to, now);
      if (since === undefined)
        return refused(
          400,
          'to: expected a time that has passed: 2026-01-31T14:00:00Z, 14:00, or how long ago, 2h',
        );
      const { records, oldest } = await rewind(client, config, entry, { ...said, since, lists });
      const keptSince = oldest === undefined ? null : iso(oldest);
      return answered({ route: entry.name, since: iso(since), records, keptSince });
    },
  },
  {
    path: 'skip-to-now',
    id: 'skip-to-now',
    summary: 'Leaves out all records that wait for a route.',
    description:
      'They are not delivered to it, and are counted as skipped. What is on its way to the sink arrives all the same.',
    answer: { description: 'How many.', schema: skipped },
    async work({ client, config, entry, lists, said }) {
      const records = await skipToNow(client, config, entry, { ...said, lists });
      return answered({ route: entry.name, skipped: records });
    },
  },
];

export const routeControlEndpoints: readonly Endpoint[] = controls.map(
  ({ path, work, ...rest }) => ({
    ...rest,
    method: 'POST',
    path: `/routes/{route}/${path}`,
    role: 'operator',
    tag: 'Routes',
    places: { route: 'Name of a configured route, in any letter case.' },
    refusals: {
      404: 'There is no such route.',
      409: 'A list was laid out by another version.',
    },
    needsRedis: true,
    handle: (asked, parts) => control(work, asked, parts),
  }),
);

async function control(
  work: Control['work'],
  { places: { route = '' }, body, user, signal }: Asked,
  parts: ApiParts,
): Promise<Answer> {
  const { config } = parts;
  const entry = routeNamed(config, route) ?? routeNamed(config, route.toLowerCase());
  if (entry === undefined) {
    const names = config.pumps.map(({ name }) => name).join(', ');
    return refused(404, `there is no route of this name; configured are ${names}`);
  }
  const client = parts.client();
  const { known, foreign } = await sortLists(client, await configLists(client, config));
  if (foreign.length > 0)
    return refused(409, 'a list was laid out by another version: nothing was changed');
  // Nobody waits for the answer any more, and would not know that something had changed.
  signal.throwIfAborted();
  const now = parts.clock.now();
  const said = { by: `${user}@${parts.self().host}`, at: iso(now) };
  return work({ client, config, entry, lists: known, said, body, now });
}

interface WantedRate {
  readonly records?: number;
  readonly bytes?: number;
  readonly unlimited?: boolean;
  readonly off?: boolean;
}

/** Undefined: it says nothing, or two things. */
function rateOf({
  records,
  bytes,
  unlimited,
  off,
}: WantedRate): { readonly rate: Rate | undefined } | undefined {
  const isLimited = records !== undefined || bytes !== undefined;
  const ways = [isLimited, unlimited === true, off === true].filter(Boolean).length;
  if (ways !== 1) return undefined;
  return { rate: off === true ? undefined : { records, bytes } };
}

const iso = (time: number): string => new Date(time).toISOString();
