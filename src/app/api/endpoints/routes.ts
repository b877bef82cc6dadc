import { seconds as inSeconds } from '../../../lib/units.ts';
import { withDeadline } from '../../../lib/waiting.ts';
import { configLists } from '../../../operate/config-lists.ts';
import { sortLists } from '../../../operate/known-lists.ts';
import { type RouteStatus, routeStatuses } from '../../../operate/status-report.ts';
import { inWords } from '../../../redis/connect-reasons.ts';
import type { RouteReport } from '../../../route/events/route-report.ts';
import type { ThreadReport } from '../../workers/worker-reports.ts';
import { answered, type Endpoint, refused } from '../endpoint.ts';
import type { ApiParts } from '../parts.ts';
import {
  choice,
  count,
  list,
  nullable,
  object,
  optional,
  type Schema,
  seconds,
  text,
  time,
} from '../schema.ts';
import { bookFields, routeName } from './books.ts';

/** In the order in which one stands for all: a route is paused in all threads, and runs as long as one thread runs it. */
const states = ['paused', 'running', 'draining', 'opening', 'closing', 'closed'] as const;

const perSecond = (what: string): Schema => seconds(`${what} a second, over the last minute.`);

export const liveFields = {
  state: choice(
    states,
    '`paused`: an operator wants it to stand still (`books.paused` says who); `opening`: the sink has not been opened yet; `running`, also where the sink is out of order; the others as it stops.',
  ),
  reason: nullable(text('Why it does not deliver, or what waits although it does.')),
  sink: object({
    state: choice(['up', 'down', 'unknown']),
    since: nullable(time()),
  }),
  breaker: nullable(
    choice(
      ['closed', 'half-open', 'open'],
      '`open`: the sink is out of order and left alone; `half-open`: one batch tries it. Null: it is not open yet.',
    ),
  ),
  pace: count('Batches that may be under way at once, as learnt from the sink.'),
  in_flight: object({
    batches: count('Batches the sink has been asked about.'),
    gathered: count('Records that wait for a place in a batch.'),
    bytes: count('Memory of all records that it holds.'),
    ranges: count('Ranges leased and not acknowledged.'),
  }),
  rates: object({
    delivered: perSecond('Records delivered'),
    rejected: perSecond('Records rejected'),
    filtered: perSecond('Records left out'),
    retried: perSecond('Records to be sent again'),
  }),
  last_error: nullable(
    object(
      { at: time(), kind: text('Such as `unreachable` or `invalid`.'), reason: text() },
      { title: 'LastError' },
    ),
  ),
  last_delivery: nullable(time('When records were last delivered.')),
  age_seconds: nullable(
    seconds(
      'Mean age of the records delivered in the last minute, from the call to the answer of the sink. Null: there were none.',
    ),
  ),
};

const route: Schema = object(
  {
    route: routeName,
    pump: nullable(text('Type of its pump. Null: it is not configured here.')),
    here: nullable(
      object(
        {
          ...liveFields,
          threads: list(
            object(
              {
                thread: count('0: the main thread.'),
                problem: optional(text('Why nothing is known of it.')),
                ...Object.fromEntries(
                  Object.entries(liveFields).map(([name, schema]) => [name, optional(schema)]),
                ),
              },
              { title: 'RouteThread' },
            ),
            'The same thread by thread.',
          ),
        },
        {
          title: 'RouteHere',
          description: 'Its state in this instance, with all threads combined.',
        },
      ),
    ),
    missing: nullable(text('Why nothing is known of it here.')),
    books: nullable(
      object(bookFields, {
        title: 'RouteBooks',
        description: 'What became of its records, over all instances.',
      }),
    ),
  },
  { title: 'Route' },
);

/** Less than the whole answer may take. */
const booksTime = inSeconds(3);

const routes: Schema = object(
  {
    routes: list(route),
    problem: nullable(text('Why there are no books: Redis is away or refuses.')),
  },
  { title: 'Routes' },
);

export const routeEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/routes',
    role: 'viewer',
    id: 'list-routes',
    tag: 'Routes',
    summary: 'The state of each route.',
    description:
      'State, reason, rates, pace, breaker and last error are those of this instance, worker threads included; the books are over all instances. Without Redis there are no books, and the rest is answered all the same.',
    answer: {
      description: 'Every route that is configured or has books, by name.',
      schema: routes,
    },
    needsRedis: false,
    handle: async (_asked, parts) => answered(await allRoutes(parts)),
  },
  {
    method: 'GET',
    path: '/routes/{route}',
    role: 'viewer',
    id: 'show-route',
    tag: 'Routes',
    summary: 'The state of one route.',
    places: { route: 'Name of the route, in any letter case.' },
    answer: { description: 'The same as in the list.', schema: route },
    refusals: { 404: 'There is no such route.' },
    needsRedis: false,
    async handle({ places: { route: name = '' } }, parts) {
      const { routes: all, problem } = await allRoutes(parts);
      const found = all.find((each) => each.route.toLowerCase() === name.toLowerCase());
      if (found !== undefined) return answered(found);
      return problem === null
        ? refused(
            404,
            `there is no route of this name; there are ${all.map((each) => each.route).join(', ')}`,
          )
        : refused(503, `it is not configured here, and Redis cannot be asked: ${problem}`);
    },
  },
];

export interface Books {
  readonly routes: readonly RouteStatus[];
  /** Why there are none. */
  readonly problem: string | null;
}

/** `askBooks`: what asks Redis for them, where somebody wants more of it at once. */
export async function allRoutes(parts: ApiParts, askBooks: Promise<Books> = booksOf(parts)) {
  const { config } = parts;
  const [reports, books] = await Promise.all([parts.routes(), askBooks]);
  const configured = config.pumps.map(({ name }) => name);
  const names = new Set([...configured, ...books.routes.map((each) => each.route)]);
  return {
    problem: books.problem,
    routes: [...names]
      .toSorted((a, b) => a.localeCompare(b))
      .map((name) => {
        const threads = reports.filter((each) => each.route === name);
        const here = threads.length === 0 ? null : hereOf(threads);
        return {
          route: name,
          pump: config.pumps.find((each) => each.name === name)?.type ?? null,
          here,
          missing: here === null ? whyMissing(configured.includes(name)) : null,
          books: books.routes.find((each) => each.route === name) ?? null,
        };
      })
      .map(({ books: each, ...rest }) => ({ ...rest, books: each && withoutName(each) })),
  };
}

/** All threads in one; of those that say nothing the reason is among the others. */
function hereOf(threads: readonly ThreadReport[]) {
  const reports = threads.flatMap((each) => ('report' in each ? [each.report] : []));
  const shown = reports.map(shownReport);
  const problems = threads.flatMap((each) => ('problem' in each ? [each.problem] : []));
  const reasons = new Set([...problems, ...reports.flatMap(({ reason }) => reason ?? [])]);
  const sum = (of: (report: RouteReport) => number): number =>
    reports.reduce((all, report) => all + of(report), 0);
  return {
    state: states.find((each) => reports.some((report) => report.state === each)) ?? 'opening',
    reason: reasons.size === 0 ? null : [...reasons].join('; '),
    sink: (['up', 'unknown', 'down'] as const)
      .map((each) => shown.find(({ sink }) => sink.state === each)?.sink)
      .find((each) => each !== undefined) ?? { state: 'unknown', since: null },
    breaker:
      (['closed', 'half-open', 'open'] as const).find((each) =>
        reports.some(({ breaker }) => breaker === each),
      ) ?? null,
    pace: sum((report) => report.pace),
    inFlight: {
      batches: sum(({ inFlight }) => inFlight.batches),
      gathered: sum(({ inFlight }) => inFlight.gathered),
      bytes: sum(({ inFlight }) => inFlight.bytes),
      ranges: sum(({ inFlight }) => inFlight.ranges),
    },
    rates: {
      delivered: sum(({ rates }) => rates.delivered),
      rejected: sum(({ rates }) => rates.rejected),
      filtered: sum(({ rates }) => rates.filtered),
      retried: sum(({ rates }) => rates.retried),
    },
    lastError: latest(
      shown.map(({ lastError }) => lastError),
      (each) => each.at,
    ),
    lastDelivery: latest(
      shown.map(({ lastDelivery }) => lastDelivery),
      (each) => each,
    ),
    ageSeconds: meanAge(reports),
    threads: threads.map((each) =>
      'report' in each
        ? { thread: each.thread, ...shownReport(each.report) }
        : { thread: each.thread, problem: each.problem },
    ),
  };
}

/** Threads that deliver more say more. */
function meanAge(reports: readonly RouteReport[]): number | null {
  let sum = 0;
  let weight = 0;
  for (const { ageSeconds, rates } of reports)
    if (ageSeconds !== undefined) {
      const share = Math.max(rates.delivered, Number.MIN_VALUE);
      sum += ageSeconds * share;
      weight += share;
    }
  return weight === 0 ? null : sum / weight;
}

function latest<T>(all: readonly (T | null)[], at: (each: T) => string): T | null {
  let best: T | null = null;
  for (const each of all) if (each !== null && (best === null || at(each) > at(best))) best = each;
  return best;
}

const shownReport = ({
  reason,
  sink,
  breaker,
  lastError,
  lastDelivery,
  ageSeconds,
  ...rest
}: RouteReport) => ({
  ...rest,
  reason: reason ?? null,
  sink: { state: sink.state, since: iso(sink.since) },
  breaker: breaker ?? null,
  lastError: lastError === undefined ? null : { ...lastError, at: iso(lastError.at) ?? '' },
  lastDelivery: iso(lastDelivery),
  ageSeconds: ageSeconds ?? null,
});

const iso = (at: number | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString();

const withoutName = ({
  claimed,
  booked,
  redelivered,
  pending,
  lagSeconds,
  paused,
}: RouteStatus) => ({
  ...{ claimed, booked, redelivered, pending, lagSeconds, paused },
});

const whyMissing = (isConfigured: boolean): string =>
  isConfigured ? 'the service is starting' : 'it is not configured in this instance';

async function booksOf(parts: ApiParts): Promise<Books> {
  const trouble = parts.redisTrouble();
  if (trouble !== undefined) return { routes: [], problem: trouble };
  try {
    return await withDeadline(
      async () => {
        const client = parts.client();
        const { known } = await sortLists(client, await configLists(client, parts.config));
        return { routes: await routeStatuses(client, known), problem: null };
      },
      { clock: parts.clock, after: booksTime },
    );
  } catch (error) {
    return { routes: [], problem: inWords(error) };
  }
}
