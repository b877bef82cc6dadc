import { configLists } from '../../../operate/config-lists.ts';
import { countByReason } from '../../../operate/dead/by-reason.ts';
import { changeLetters, chosenLetters, type LetterChoice } from '../../../operate/dead/choice.ts';
import { type DeadDesk, redisDesk } from '../../../operate/dead/desk.ts';
import { exportedLetter } from '../../../operate/dead/exported.ts';
import { letterInJson } from '../../../operate/dead/letter-in-json.ts';
import { whereOf } from '../../../operate/dead/where.ts';
import { verbatim } from '../../../operate/json.ts';
import { sortLists } from '../../../operate/known-lists.ts';
import {
  type DeadLetter,
  undecodableRoute,
  unreadRoute,
} from '../../../route/dead-letters/letter.ts';
import { type Answer, type Asked, answered, type Endpoint, refused } from '../endpoint.ts';
import type { ApiParts } from '../parts.ts';
import {
  choice,
  count,
  flag,
  list,
  nullable,
  object,
  optional,
  type Schema,
  text,
  time,
} from '../schema.ts';

const kinds = ['invalid', 'oversize', 'unauthorised', 'unexpected', 'undecodable', 'unread'];
const routeDoc = `Name of a route, in any letter case; also \`${undecodableRoute}\` (what is no record) and \`${unreadRoute}\` (what Redis cannot send).`;
const whereDoc =
  'An expression: only letters with a call for which it holds (docs/query.md), such as `status:5xx path:/pets`.';

const reasonDoc = 'Only letters with this reason, as it was shown.';

const header = {
  id: text('The record’s id: the same over retries, restarts and instances.'),
  route: text(),
  list: text('The gateway’s list that it came from.'),
  kind: text(
    `What kind of reason, such as ${kinds
      .slice(0, 3)
      .map((kind) => `\`${kind}\``)
      .join(', ')}.`,
  ),
  reason: text('The words of the destination, or ours.'),
  attempts: count(),
  first: time('When it was first tried.'),
  last: time('When it was last tried.'),
  encoding: choice(['msgpack', 'protobuf'], 'How the gateway wrote it.'),
  bytes: count(),
};
const record: Schema = {
  type: ['object', 'null'],
  description:
    'The record by the names of the gateway; null: it is none. Beyond 2^53 an integer is exact in `base64` alone.',
};

const letters: Schema = object(
  {
    letters: list(object(header, { title: 'DeadLetter' })),
    more: flag('There are more than `limit`.'),
  },
  { title: 'DeadLetters' },
);

const wholeLetter: Schema = object(
  { ...header, record, base64: text('Its bytes.') },
  { title: 'WholeDeadLetter' },
);

const exportedSchema: Schema = object(
  {
    ...header,
    base64: nullable(text('Its bytes; null: Redis cannot send them.')),
    record: optional(record),
  },
  { title: 'ExportedDeadLetter' },
);

const reasons: Schema = object(
  {
    reasons: list(
      object(
        {
          route: text(),
          kind: text(),
          reason: optional(text('Left out: all those for which there was no room.')),
          letters: count(),
          bytes: count(),
          first: time(),
          last: time(),
        },
        { title: 'ReasonCount' },
      ),
      'Most letters first.',
    ),
  },
  { title: 'Reasons' },
);

const query = {
  route: { doc: routeDoc, schema: text() },
  kind: { doc: 'Only letters of this kind.', schema: text() },
  reason: { doc: reasonDoc, schema: text() },
  where: { doc: whereDoc, schema: text() },
};

const chosen: Schema = object(
  {
    route: text(routeDoc),
    ids: optional({
      ...list({ type: 'string', minLength: 1, maxLength: 200 }, 'Ids of letters.'),
      minItems: 1,
      maxItems: 1_000,
    }),
    kind: optional(text('Only letters of this kind.')),
    reason: optional(text(reasonDoc)),
    where: optional(text(whereDoc)),
    all: optional(flag('Every letter of the route: needed where nothing else chooses.')),
  },
  {
    title: 'LetterChoice',
    description: 'Selects letters of one route. All conditions besides `route` must hold.',
  },
);

const changed: Schema = object(
  { letters: count('How many letters were meant and there.') },
  { title: 'ChangedLetters' },
);

const changing = (action: 'retry' | 'purge', summary: string, description: string): Endpoint => ({
  method: 'POST',
  path: `/dead-letters/${action}`,
  role: 'operator',
  id: `${action}-dead-letters`,
  tag: 'Dead letters',
  summary,
  description,
  body: chosen,
  answer: { description: 'How many.', schema: changed },
  refusals: {
    404: 'There is no such route, or none of the ids.',
    409: 'A list was laid out by another version.',
  },
  needsRedis: true,
  handle: async (asked, parts) => change(action, asked, parts),
});

export const deadLetterEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/dead-letters',
    role: 'viewer',
    id: 'list-dead-letters',
    tag: 'Dead letters',
    summary: 'The dead letters, oldest first within a route, without their records.',
    query: {
      ...query,
      limit: {
        doc: 'Most letters in the answer; 100 if it is not there.',
        schema: { type: 'integer', minimum: 1, maximum: 1_000 },
      },
    },
    answer: { description: 'The letters.', schema: letters },
    needsRedis: true,
    handle: (asked, parts) =>
      withChoice(asked.query, asked, parts, async (desk, wanted) => {
        const { limit = 100 } = asked.query as { readonly limit?: number };
        const found: DeadLetter[] = [];
        let more = false;
        for await (const letter of chosenLetters(desk, wanted, asked.signal)) {
          more = found.length === limit;
          if (more) break;
          found.push(letter);
        }
        return answered({ letters: found.map((each) => letterInJson(each, false)), more });
      }),
  },
  {
    method: 'GET',
    path: '/dead-letters/reasons',
    role: 'viewer',
    id: 'count-dead-letters',
    tag: 'Dead letters',
    summary: 'How many letters there are, by route and reason.',
    description: 'Reads each of them.',
    query,
    answer: { description: 'The counts.', schema: reasons },
    needsRedis: true,
    handle: (asked, parts) =>
      withChoice(asked.query, asked, parts, async (desk, wanted) =>
        answered({ reasons: await countByReason(chosenLetters(desk, wanted, asked.signal)) }),
      ),
  },
  {
    method: 'GET',
    path: '/dead-letters/export',
    role: 'viewer',
    id: 'export-dead-letters',
    tag: 'Dead letters',
    summary: 'All letters, with their records, as lines of JSON.',
    description: 'As `sluice dead export` writes them.',
    query: {
      ...query,
      decode: { doc: 'With the decoded record besides its bytes.', schema: flag() },
    },
    answer: { description: 'A line for each letter.', schema: exportedSchema, isLines: true },
    needsRedis: true,
    handle: (asked, parts) =>
      withChoice(asked.query, asked, parts, (desk, wanted) => ({
        kind: 'lines',
        values: exported(chosenLetters(desk, wanted, asked.signal), asked.query['decode'] === true),
      })),
  },
  {
    method: 'GET',
    path: '/dead-letters/{route}/{id}',
    role: 'viewer',
    id: 'show-dead-letter',
    tag: 'Dead letters',
    summary: 'One letter with its record, decoded and as bytes.',
    places: { route: routeDoc, id: 'The record’s id.' },
    answer: { description: 'The letter.', schema: wholeLetter },
    refusals: { 404: 'There is no such letter.' },
    needsRedis: true,
    async handle({ places: { route = '', id = '' } }, parts) {
      const { desk } = await deskOf(parts);
      const letter = await desk.find(route, id);
      return letter === undefined
        ? refused(404, 'there is no such letter')
        : answered(letterInJson(letter, true));
    },
  },
  changing(
    'retry',
    'Has letters delivered again.',
    'Their route takes them from there, under the same record ids, and forgets each once it is delivered; what is no record goes back into the gateway’s list.',
  ),
  changing('purge', 'Forgets letters.', 'They are gone for good, and counted as purged.'),
];

async function* exported(found: AsyncIterable<DeadLetter>, isDecoded: boolean) {
  for await (const letter of found) yield verbatim(exportedLetter(letter, isDecoded));
}

interface Said {
  readonly route?: string;
  readonly kind?: string;
  readonly reason?: string;
  readonly where?: string;
  readonly ids?: readonly string[];
  readonly all?: boolean;
}

async function change(action: 'retry' | 'purge', asked: Asked, parts: ApiParts): Promise<Answer> {
  const { ids, kind, reason, where, all } = asked.body as Said;
  if ([ids, kind, reason, where].every((each) => each === undefined) && all !== true)
    return refused(400, `${action} needs ids, kind, reason, where, or all: true`);
  return withChoice(asked.body as Said, asked, parts, async (desk, wanted, isAll) => {
    if (!isAll) return refused(409, 'a list was laid out by another version: nothing was changed');
    const done = await changeLetters(desk, action, wanted, asked.signal);
    return done === 0 && ids !== undefined
      ? refused(404, 'there is no such letter')
      : answered({ letters: done });
  });
}

/** Reads what was said, and looks whether there is such a route: a misspelt name would be an answer, that nothing is there. */
async function withChoice(
  said: Said,
  { signal }: Asked,
  parts: ApiParts,
  work: (desk: DeadDesk, wanted: LetterChoice, isAll: boolean) => Promise<Answer> | Answer,
): Promise<Answer> {
  const { route, kind, reason, ids, where = '' } = said;
  const expression = whereOf(where);
  if (!expression.ok) return refused(400, `where: ${expression.lines.join('\n')}`);
  const { desk, isAll } = await deskOf(parts);
  signal.throwIfAborted();
  if (route !== undefined) {
    const configured = parts.config.pumps.map(({ name }) => name);
    const known = [...configured, ...(await desk.routes()), undecodableRoute, unreadRoute];
    if (!known.some((name) => name.toLowerCase() === route.toLowerCase()))
      return refused(
        404,
        `there is no route of this name; there are ${[...new Set(known)].join(', ')}`,
      );
  }
  const conditions = [
    ...(where === '' ? [] : [expression.holds]),
    ...(reason === undefined ? [] : [hasReason(reason, parts)]),
  ];
  const holds =
    conditions.length === 0
      ? undefined
      : (letter: DeadLetter): boolean => conditions.every((condition) => condition(letter));
  return work(desk, { route, kind, ids, holds }, isAll);
}

/** What was shown was masked, and half a character cannot stand in an address. */
const hasReason =
  (wanted: string, { mask }: ApiParts) =>
  ({ reason }: DeadLetter): boolean =>
    reason === wanted || mask(reason).replace(/\p{Surrogate}/gu, '\ufffd') === wanted;

async function deskOf({ client, config }: ApiParts): Promise<{
  readonly desk: DeadDesk;
  /** No list was laid out by another version. */
  readonly isAll: boolean;
}> {
  const redis = client();
  const { known, foreign } = await sortLists(redis, await configLists(redis, config));
  return { desk: redisDesk(redis, known), isAll: foreign.length === 0 };
}
