import { kept } from '../../../lib/kept.ts';
import { seconds as inSeconds, millis } from '../../../lib/units.ts';
import { withDeadline } from '../../../lib/waiting.ts';
import { configLists } from '../../../operate/config-lists.ts';
import { sortLists } from '../../../operate/known-lists.ts';
import { type ListReport, reportLists } from '../../../operate/list-report.ts';
import { routeStatuses, surveysOf } from '../../../operate/status-report.ts';
import { inWords } from '../../../redis/connect-reasons.ts';
import { deadBooks } from '../../../route/dead-letters/desk.ts';
import { answered, type Endpoint } from '../endpoint.ts';
import type { ApiParts } from '../parts.ts';
import { choice, count, flag, list, nullable, object, type Schema, text, time } from '../schema.ts';
import { bookFields, foreignLists, foreignListsSchema, routeName } from './books.ts';
import { listSchema } from './lists.ts';
import { allRoutes, type Books, liveFields } from './routes.ts';

const overview: Schema = object(
  {
    at: time('When this was looked at: within the last second.'),
    user: object({
      name: text(),
      role: choice(['viewer', 'operator']),
    }),
    instance: object({
      name: text(),
      version: text(),
      host: text(),
      since: time('When it started.'),
      configuration: text('Hash of its configuration.'),
    }),
    mode: choice(
      ['at-least-once', 'at-most-once'],
      '`at-most-once`: Redis refuses what reliable delivery needs, so there are no books, segments or dead letters.',
    ),
    claiming: object({
      state: choice(['up', 'refused in part', 'down']),
      reasons: list(text()),
    }),
    holding: flag('Claiming pauses because the bound on retained bytes is reached.'),
    bound: object({
      retained_bytes: count('Most that is kept in Redis for routes that lag.'),
      at_bound: choice(['shed', 'hold'], 'What happens there.'),
      spills: flag('Records of the most lagging route are moved to disk before.'),
    }),
    problem: nullable(text('Why nothing is known of lists and books: Redis is away or refuses.')),
    lists: list(listSchema),
    routes: list(
      object(
        {
          route: routeName,
          pump: nullable(text('Type of its pump. Null: it is not configured here.')),
          here: nullable(
            object(liveFields, {
              title: 'RouteLook',
              description: 'Its state in this instance, with all threads combined.',
            }),
          ),
          missing: nullable(text('Why nothing is known of it here.')),
          books: nullable(
            object(bookFields, { title: 'RouteBooks', description: 'Over all instances.' }),
          ),
          dead_letters: nullable(count('Dead letters there are; null: not known.')),
        },
        { title: 'RouteOverview' },
      ),
      'By name. Dead letters of elements that are no records stand under `undecodable` and `unread`.',
    ),
    foreign_lists: foreignListsSchema,
  },
  { title: 'Overview' },
);

export const overviewEndpoint: Endpoint = {
  method: 'GET',
  path: '/overview',
  role: 'viewer',
  id: 'show-overview',
  tag: 'Status',
  summary: 'What the console shows of the whole: lists, routes, bounds, and who asks.',
  description:
    'Looked at once a second at most, however many ask. Without Redis it says so in `problem` and tells what the instance knows.',
  answer: { description: 'The whole at a glance.', schema: overview },
  needsRedis: false,
  handle: async ({ user, role }, parts) =>
    answered({ user: { name: user, role }, ...(await lookAt(parts)) }),
};

/** One look for all who ask within a second: of each service, whose parts live as long as it does. */
export const lookAt = (parts: ApiParts): Promise<Look> => {
  const look =
    looks.get(parts) ?? kept(() => lookOnce(parts), { clock: parts.clock, for: lifetime });
  looks.set(parts, look);
  return look();
};

const looks = new WeakMap<ApiParts, () => Promise<Look>>();
const lifetime = millis(1_000);
/** Less than the whole answer may take. */
const redisTime = inSeconds(3);

export type Look = Awaited<ReturnType<typeof lookOnce>>;

async function lookOnce(parts: ApiParts) {
  const { mode, claiming, isHolding, bounds } = parts.taking();
  const asking = askRedis(parts, mode);
  const books = asking.then(({ routes, problem }): Books => ({ routes, problem }));
  const [{ routes, problem }, { lists, dead, foreign }] = await Promise.all([
    allRoutes(parts, books),
    asking,
  ]);
  const { name, version, host, since, configuration } = parts.self();
  const unread = dead?.filter(({ route }) => !routes.some((each) => each.route === route)) ?? [];
  return {
    at: new Date(parts.clock.now()).toISOString(),
    instance: { name, version, host, since, configuration },
    mode,
    claiming: { state: claiming.state, reasons: claiming.reasons ?? [] },
    holding: isHolding,
    bound: {
      retainedBytes: bounds.retainedBytes,
      atBound: bounds.policy,
      spills: bounds.spillDir !== '',
    },
    problem,
    lists,
    routes: [
      ...routes.map(({ here, ...each }) => ({
        ...each,
        here: here === null ? null : { ...here, threads: undefined },
        deadLetters:
          dead === undefined ? null : (dead.find(({ route }) => route === each.route)?.now ?? 0),
      })),
      ...unread
        .filter(({ now }) => now > 0)
        .map(({ route, now }) => ({
          ...{ route, pump: null, here: null, books: null, deadLetters: now },
          missing: 'these are elements of the lists that are no records, or that Redis cannot send',
        })),
    ],
    foreignLists: foreign,
  };
}

interface FromRedis extends Books {
  readonly lists: readonly ListReport[];
  readonly dead: readonly { readonly route: string; readonly now: number }[] | undefined;
  readonly foreign: readonly object[];
}

async function askRedis(parts: ApiParts, mode: Look['mode']): Promise<FromRedis> {
  const nothing = { routes: [], lists: [], dead: undefined, foreign: [] };
  const trouble = parts.redisTrouble();
  if (trouble !== undefined) return { ...nothing, problem: trouble };
  // There are no scripts to ask, and nothing of ours to ask for.
  if (mode === 'at-most-once') return { ...nothing, problem: null };
  const { clock, config } = parts;
  try {
    return await withDeadline(
      async () => {
        const client = parts.client();
        const { known, foreign } = await sortLists(client, await configLists(client, config));
        const surveys = await surveysOf(client, known);
        const [routes, lists, dead] = await Promise.all([
          routeStatuses(client, known, surveys),
          reportLists(client, known, surveys),
          deadBooks(
            client,
            known.map(({ key }) => key),
          ),
        ]);
        return { routes, lists, dead, foreign: foreignLists(foreign), problem: null };
      },
      { clock, after: redisTime },
    );
  } catch (error) {
    return { ...nothing, problem: inWords(error) };
  }
}
