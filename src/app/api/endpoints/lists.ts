import { configLists } from '../../../operate/config-lists.ts';
import { sortLists } from '../../../operate/known-lists.ts';
import { reportLists, reportSegments } from '../../../operate/list-report.ts';
import { survey, totals } from '../../../purge/bounds/survey.ts';
import { deadBooks } from '../../../route/dead-letters/desk.ts';
import { letterOutcomes } from '../../../route/dead-letters/scripts/keys.ts';
import { answered, type Endpoint, refused } from '../endpoint.ts';
import type { ApiParts } from '../parts.ts';
import {
  choice,
  count,
  list,
  nullable,
  object,
  type Schema,
  seconds,
  text,
  time,
} from '../schema.ts';
import { byOutcome, foreignLists, foreignListsSchema, ledgerFields, routeName } from './books.ts';

export const listSchema: Schema = object(
  {
    list: text('The key in Redis.'),
    records: choice(['analytics', 'uptime']),
    encoding: choice(['msgpack', 'protobuf']),
    waiting: count('Records that nobody has claimed yet.'),
    expires_in_seconds: nullable(
      seconds('Until the gateway’s own time-to-live takes them. Null: no such time.'),
    ),
    segments: count('Claimed segments that some route has not answered for.'),
    retained_bytes: count('What they hold.'),
    routes: list(
      object({
        route: routeName,
        pending: count('Records it has not answered for, at most.'),
        lag_seconds: seconds('Age of the oldest claim it has not answered for.'),
      }),
    ),
  },
  { title: 'List' },
);

const lists: Schema = object(
  {
    lists: list(listSchema),
    foreign_lists: foreignListsSchema,
  },
  { title: 'Lists' },
);

const segments: Schema = object(
  {
    segments: list(
      object(
        {
          list: text(),
          segment: text('Its id, with which every record id of it begins.'),
          records: nullable(count('Null: the segment is gone.')),
          bytes: count(),
          claimed: time('When it was claimed.'),
          waiting_for: list(text(), 'Routes that have not answered for all of it.'),
        },
        { title: 'Segment' },
      ),
      'Oldest first within a list.',
    ),
    foreign_lists: foreignListsSchema,
  },
  { title: 'Segments' },
);

const ledger: Schema = object(
  {
    routes: list(
      object(
        {
          route: routeName,
          ...ledgerFields,
          lists: list(object({ list: text(), ...ledgerFields }), 'The same by list.'),
        },
        { title: 'Ledger' },
      ),
    ),
    dead_letters: list(
      object({
        route: text(),
        now: count(),
        booked: byOutcome(letterOutcomes, 'What became of all that ever were.'),
        lost: count('Stored, and gone without anybody having said so.'),
      }),
    ),
    foreign_lists: foreignListsSchema,
  },
  { title: 'Ledgers' },
);

export const listEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/lists',
    role: 'viewer',
    id: 'list-lists',
    tag: 'Records',
    summary: 'The gateway’s lists, what is waiting in each, and what was claimed from it.',
    answer: { description: 'Every possible list, including empty ones.', schema: lists },
    needsRedis: true,
    async handle(_asked, parts) {
      const { redis, known, foreign } = await listsOf(parts);
      return answered({ lists: await reportLists(redis, known), foreignLists: foreign });
    },
  },
  {
    method: 'GET',
    path: '/segments',
    role: 'viewer',
    id: 'list-segments',
    tag: 'Records',
    summary: 'The claimed segments that some route has not answered for.',
    query: {
      list: { doc: 'The key of one list.', schema: text() },
      limit: {
        doc: 'Most segments of each list; 100 if it is not there.',
        schema: { type: 'integer', minimum: 1, maximum: 1_000 },
      },
    },
    answer: { description: 'The segments.', schema: segments },
    refusals: { 404: 'There is no such list.' },
    needsRedis: true,
    async handle({ query }, parts) {
      const { list: key, limit = 100 } = query as {
        readonly list?: string;
        readonly limit?: number;
      };
      const { redis, known, foreign } = await listsOf(parts);
      const wanted = known.filter((each) => key === undefined || each.key === key);
      if (wanted.length === 0 && key !== undefined)
        return refused(404, 'there is no list of this name, or another version laid it out');
      const found = await Promise.all(wanted.map((each) => reportSegments(redis, each, limit)));
      return answered({ segments: found.flat(), foreignLists: foreign });
    },
  },
  {
    method: 'GET',
    path: '/ledger',
    role: 'viewer',
    id: 'show-ledger',
    tag: 'Records',
    summary: 'What became of every record, by route and list, over all instances.',
    description:
      '`claimed` = delivered + rejected + filtered + shed + vanished + spilled + `pending`.',
    answer: { description: 'The ledgers, and the books of dead letters.', schema: ledger },
    needsRedis: true,
    async handle(_asked, parts) {
      const { redis, known, foreign } = await listsOf(parts);
      const surveys = await Promise.all(known.map((each) => survey(redis, each)));
      const deadLetters = await deadBooks(
        redis,
        known.map((each) => each.key),
      );
      const byRoute = new Map<string, object[]>();
      for (const { list: source, ledgers } of surveys)
        for (const { route, ...books } of ledgers)
          byRoute.set(route, [...(byRoute.get(route) ?? []), { list: source.key, ...books }]);
      const routes = totals(surveys)
        .toSorted((a, b) => a.route.localeCompare(b.route))
        .map((each) => ({ ...each, lists: byRoute.get(each.route) ?? [] }));
      return answered({ routes, deadLetters, foreignLists: foreign });
    },
  },
];

async function listsOf({ client, config }: ApiParts) {
  const redis = client();
  const { known, foreign } = await sortLists(redis, await configLists(redis, config));
  return { redis, known, foreign: foreignLists(foreign) };
}
