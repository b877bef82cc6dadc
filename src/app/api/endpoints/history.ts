import type { History, RouteSample, Sample } from '../../../console/history.ts';
import { answered, type Endpoint } from '../endpoint.ts';
import type { ApiParts } from '../parts.ts';
import { count, list, nullable, object, type Schema, seconds, text } from '../schema.ts';
import { routeName } from './books.ts';
import { type Look, lookAt } from './overview.ts';

const values = (description: string): Schema =>
  list(nullable({ type: 'number' }), `${description} Null: not known then.`);

const history: Schema = object(
  {
    every_seconds: seconds('Between two samples.'),
    times: list(count(), 'When each sample was taken: seconds since 1970, oldest first.'),
    waiting: values('Records in the gateway’s lists, one value for each time.'),
    retained_bytes: values('Bytes of claimed segments in Redis.'),
    routes: list(
      object(
        {
          route: routeName,
          delivered: values('Records delivered a second, by this instance.'),
          rejected: values('Records rejected a second, by this instance.'),
          retried: values('Records to be sent again a second, by this instance.'),
          lag_seconds: values('Age of the oldest claim it has not answered for.'),
          pending: values('Records it has not answered for.'),
          age_seconds: values('Mean age of the records that this instance delivered.'),
        },
        { title: 'RouteHistory' },
      ),
      'By name.',
    ),
  },
  { title: 'History' },
);

/** Of each service, whose parts live as long as it does. */
const histories = new WeakMap<ApiParts, Promise<History>>();

export const historyEndpoint: Endpoint = {
  method: 'GET',
  path: '/history',
  role: 'viewer',
  id: 'show-history',
  tag: 'Status',
  summary: 'The last hour of each route in numbers, every ten seconds.',
  description:
    'Begins with the first request, and stops when nobody has asked for an hour: nothing is computed when nobody looks.',
  query: {
    route: { doc: 'Name of one route; left out: all.', schema: text(routeName.description) },
    since: {
      doc: 'Only samples that were taken after this: seconds since 1970.',
      schema: { type: 'integer', minimum: 0 },
    },
  },
  answer: { description: 'One value for each sample.', schema: history },
  needsRedis: false,
  async handle({ query }, parts) {
    const { route, since = 0 } = query as { readonly route?: string; readonly since?: number };
    const asked = histories.get(parts) ?? begin(parts);
    histories.set(parts, asked);
    const { sampleEvery } = await import('../../../console/history.ts');
    const { times, waiting, retainedBytes, routes } = await (await asked).ask(since * 1000);
    return answered({
      everySeconds: sampleEvery / 1000,
      times: times.map((each) => Math.round(each / 1000)),
      waiting,
      retainedBytes,
      routes: routes.filter((each) => route === undefined || each.route === route),
    });
  },
};

/** Loaded only where somebody looks. */
async function begin(parts: ApiParts): Promise<History> {
  const { History } = await import('../../../console/history.ts');
  const { clock, ended } = parts;
  return new History({ clock, stop: ended, look: async () => sampleOf(await lookAt(parts)) });
}

function sampleOf({ routes, lists, problem, mode }: Look): Sample {
  const isKnown = problem === null && mode === 'at-least-once';
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
  return {
    waiting: isKnown ? sum(lists.map(({ waiting }) => waiting)) : undefined,
    retainedBytes: isKnown ? sum(lists.map(({ retainedBytes }) => retainedBytes)) : undefined,
    routes: new Map(
      routes.map(({ route, here, books }): readonly [string, RouteSample] => [
        route,
        {
          delivered: here?.rates.delivered,
          rejected: here?.rates.rejected,
          retried: here?.rates.retried,
          lagSeconds: books?.lagSeconds,
          pending: books?.pending,
          ageSeconds: here?.ageSeconds ?? undefined,
        },
      ]),
    ),
  };
}
