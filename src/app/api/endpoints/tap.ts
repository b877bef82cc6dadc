import { recordWhere } from '../../../operate/where.ts';
import { mostListeners } from '../../tap/tap-desk.ts';
import { type Answer, type Asked, type Endpoint, refused } from '../endpoint.ts';
import type { ApiParts } from '../parts.ts';
import { choice, count, object, type Schema, text, time } from '../schema.ts';

const mostRate = 200;
const usualRate = 10;

const line: Schema = {
  title: 'TapLine',
  anyOf: [
    object(
      {
        type: choice(['record']),
        route: text('The route that is about to send it.'),
        id: text('The record’s id.'),
        at: time('When it passed.'),
        record: {
          type: 'object',
          description:
            'By the names of the gateway, after the route’s own filters and edits, with secrets redacted. `raw_request` and `raw_response` are decoded, cut after 8 KiB, and null where they are no text or longer than 256 KiB; `raw_request_bytes` and `raw_response_bytes` say how long they are. Of `api_key` there are the last four characters.',
        },
      },
      { title: 'TapRecord' },
    ),
    object(
      {
        type: choice(['skipped']),
        records: count(
          'Records that passed unseen since this was said last: there were more than `rate` or the tap’s share of time allows, or the client reads too slowly.',
        ),
      },
      { title: 'TapSkipped' },
    ),
    object(
      { type: choice(['beat']) },
      {
        title: 'TapBeat',
        description: 'At the beginning, and whenever ten seconds have passed without a line.',
      },
    ),
  ],
};

export const tapEndpoint: Endpoint = {
  method: 'GET',
  path: '/tap',
  role: 'viewer',
  id: 'tap',
  tag: 'Routes',
  summary: 'Records as they pass, for as long as the client listens.',
  description: `A sample of what the routes of this instance are about to send, as lines of JSON. Secrets are redacted whatever is configured. It never slows a route: what cannot be shown in time is counted. At most ${mostListeners} clients listen at a time. It goes on over a reload, and ends when the client closes or the service stops.`,
  query: {
    route: {
      doc: 'Only records of this route, in any letter case; may be there several times. All routes if it is not there.',
      schema: text(),
      isList: true,
    },
    where: {
      doc: 'An expression: only calls for which it holds (docs/query.md), such as `status:5xx path:/pets`.',
      schema: text(),
    },
    rate: {
      doc: `Most records in a second; ${usualRate} if it is not there.`,
      schema: { type: 'integer', minimum: 1, maximum: mostRate },
    },
  },
  answer: { description: 'A line for each thing that happens.', schema: line, isLines: true },
  refusals: {
    404: 'There is no such route.',
    503: 'As many clients listen as may.',
  },
  needsRedis: false,
  handle: open,
};

interface Said {
  readonly route?: readonly string[];
  readonly where?: string;
  readonly rate?: number;
}

function open({ query, user, signal }: Asked, { config, tap }: ApiParts): Answer {
  const { route = [], where = '', rate = usualRate } = query as Said;
  const expression = recordWhere(where);
  if (!expression.ok) return refused(400, `where: ${expression.lines.join('\n')}`);
  const known = config.pumps.map(({ name }) => name);
  const routes: string[] = [];
  for (const said of route) {
    const name = known.find((each) => each.toLowerCase() === said.toLowerCase());
    if (name === undefined)
      return refused(404, `there is no route of this name; there are ${known.join(', ')}`);
    routes.push(name);
  }
  const lines = tap.open({ routes, where, rate, user }, signal);
  return lines === undefined
    ? refused(503, `${mostListeners} clients listen already`)
    : { kind: 'lines', values: lines };
}
