import type { ForeignLists } from '../../../operate/known-lists.ts';
import { bookedOutcomes } from '../../../purge/scripts/settle.ts';
import { count, list, nullable, object, type Schema, seconds, text, time } from '../schema.ts';

/** What several endpoints say of books and lists. */
export const byOutcome = (outcomes: readonly string[], description: string): Schema =>
  object(Object.fromEntries(outcomes.map((outcome) => [outcome, count()])), { description });

export const routeName = text(
  'Name of the route: that of its entry under `pumps`, in upper case; of uptime records in lower case.',
);

export const ledgerFields = {
  claimed: count('Records that the route is to answer for: the sum of `booked` and `pending`.'),
  booked: byOutcome(bookedOutcomes, 'What became of them.'),
  redelivered: count('Of those claimed: given to the route again (`sluice route rewind`).'),
  pending: count('Not answered for yet.'),
};

export const told: Schema = object(
  { by: text('`user@host`, where known.'), at: time() },
  { title: 'Told', description: 'Who did this, and when; null: nobody.' },
);

/** The same with what the status tells besides. */
export const bookFields = {
  ...ledgerFields,
  lag_seconds: seconds('Age of the oldest claim it has not answered for.'),
  paused: nullable(told),
};

export const foreignListsSchema = list(
  object(
    { list: text(), reason: text() },
    { title: 'ForeignList', description: 'A list that another version laid out.' },
  ),
  'Lists that another version laid out: they are left alone, and are not in these figures.',
);

export const foreignLists = (foreign: readonly ForeignLists[]): readonly object[] =>
  foreign.flatMap(({ keys, reason }) => keys.map((key) => ({ list: key, reason: reason.message })));
