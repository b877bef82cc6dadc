import { configLists } from '../../../operate/config-lists.ts';
import { sortLists } from '../../../operate/known-lists.ts';
import { reportStatus } from '../../../operate/status-report.ts';
import { letterOutcomes } from '../../../route/dead-letters/scripts/keys.ts';
import { answered, type Endpoint } from '../endpoint.ts';
import { count, list, object, optional, type Schema, seconds, text, time } from '../schema.ts';
import { bookFields, byOutcome, foreignLists, foreignListsSchema, routeName } from './books.ts';

const status: Schema = object(
  {
    routes: list(object({ route: routeName, ...bookFields }, { title: 'RouteStatus' })),
    dead_letters: list(
      object(
        {
          route: text(),
          now: count('Letters there are.'),
          booked: byOutcome(letterOutcomes, 'What became of all that ever were.'),
          lost: count('Stored, and gone without anybody having said so.'),
        },
        { title: 'LetterBook' },
      ),
    ),
    waiting: count('Records in the gateway’s lists.'),
    expired: count(
      'Records that expired unread in the gateway’s lists, ever, as far as it was seen.',
    ),
    expiring: list(
      object(
        {
          list: text(),
          records: count(),
          expires_in_seconds: seconds('Until Redis deletes the list, unless it is claimed.'),
        },
        { title: 'ExpiringList' },
      ),
      'Lists of the gateway’s with a time-to-live, soonest first.',
    ),
    segments: count('Claimed segments that are not answered for.'),
    retained_bytes: count('What they hold.'),
    instances: list(
      object(
        {
          name: text(),
          said: optional(object({ version: text(), layout: text() })),
          seconds_ago: optional(seconds()),
          about: optional(
            object({
              host: text(),
              since: time(),
              configuration: text('Hash of its configuration.'),
              pumps: list(object({ route: text(), type: text() })),
            }),
          ),
        },
        { title: 'LiveInstance', description: 'An instance with a recent sign of life.' },
      ),
    ),
    unnamed: {
      anyOf: [object({ segments: count(), records: count() }), object({ problem: text() })],
      description: 'What an unfinished claim has left behind, or why that cannot be determined.',
    },
    foreign_lists: foreignListsSchema,
  },
  { title: 'Status' },
);

/** `sluice status` over HTTP. */
export const statusEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/status',
    role: 'viewer',
    id: 'show-status',
    tag: 'Status',
    summary: 'What became of every record, and what is left to do, over all instances.',
    description: 'The same as `sluice status --json`.',
    answer: { description: 'The books of every route, and what Redis holds.', schema: status },
    needsRedis: true,
    async handle({ signal }, { client, config }) {
      const redis = client();
      const { known, foreign } = await sortLists(redis, await configLists(redis, config));
      const report = await reportStatus(redis, known, { idle: config.delivery.lease * 2, signal });
      return answered({ ...report, foreignLists: foreignLists(foreign) });
    },
  },
];
