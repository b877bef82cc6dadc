/** Requests of the presets, judged by what the destinations document of theirs. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  aBatch,
  aPreparedPump,
  deliverOnce,
  FakeHttpServer,
  outcomesOf,
  type ReceivedRequest,
  type Reply,
} from '#pump/testing';
import http from './index.ts';
import type { PresetName } from './presets.ts';

let server: FakeHttpServer | undefined;
afterEach(() => server?.close());

const hostile = { path: '/a"b\\c\n', api_name: '","x":"', api_id: '}}{{api_key}}' };

async function sent(
  preset: PresetName,
  {
    path,
    size = 2,
    ...meta
  }: { readonly path: string; readonly size?: number; readonly token?: string },
  answer: (request: ReceivedRequest) => Reply,
) {
  server = await FakeHttpServer.start((request) =>
    request.method === 'POST' && request.path === path ? answer(request) : { status: 404 },
  );
  const pump = aPreparedPump(http, { url: server.url + path, preset, ...meta });
  const verdicts = await deliverOnce(
    pump,
    aBatch(size, (index) => (index === 1 ? hostile : {})),
  );
  return { outcomes: [...new Set(outcomesOf(verdicts))], requests: server.requests };
}

type Json = Readonly<Record<string, unknown>>;
const jsonOf = ({ body }: ReceivedRequest): unknown => JSON.parse(String(body));
const listOf = (request: ReceivedRequest): readonly Json[] => jsonOf(request) as readonly Json[];
const isType = ({ headers }: ReceivedRequest, type: string): boolean =>
  String(headers['content-type']).startsWith(type);
const milliseconds = 1_710_109_320_000;

describe('Loki: POST /loki/api/v1/push', () => {
  it('is given streams, which it answers with 204', async () => {
    const judge = (request: ReceivedRequest): Reply => {
      const { streams } = jsonOf(request) as { streams: { stream: Json; values: unknown[][] }[] };
      const isGood =
        isType(request, 'application/json') &&
        streams.every(
          ({ stream, values }) =>
            Object.keys(stream).length > 0 &&
            Object.values(stream).every((label) => typeof label === 'string') &&
            values.every(
              ([nanos, line, ...more]) =>
                /^\d{19}$/.test(String(nanos)) &&
                typeof nanos === 'string' &&
                typeof line === 'string' &&
                more.length === 0,
            ),
        );
      return { status: isGood ? 204 : 400 };
    };

    const { outcomes, requests } = await sent('loki', { path: '/loki/api/v1/push' }, judge);

    expect(outcomes).toEqual(['delivered']);
    const [request] = requests;
    const { streams } = (request === undefined ? {} : jsonOf(request)) as {
      streams: { stream: Json; values: [string, string][] }[];
    };
    expect(streams.map(({ stream }) => stream)).toEqual([
      { job: 'tyk', api_id: 'api-pets' },
      { job: 'tyk', api_id: hostile.api_id },
    ]);
    expect(JSON.parse(streams[1]?.values[0]?.[1] ?? '')).toMatchObject(hostile);
  });
});

describe('Datadog: POST /api/v2/logs', () => {
  const path = '/api/v2/logs';

  it('is given an array of logs with a key in DD-API-KEY, which it answers with 202', async () => {
    const judge = (request: ReceivedRequest): Reply => {
      if (request.headers['dd-api-key'] !== 'key') return { status: 403 };
      const isGood =
        isType(request, 'application/json') &&
        listOf(request).every(({ message, ddsource, service }) =>
          [message, ddsource, service].every((one) => typeof one === 'string'),
        );
      return { status: isGood ? 202 : 400, body: {} };
    };

    const { outcomes, requests } = await sent('datadog', { path, token: 'key' }, judge);

    expect(outcomes).toEqual(['delivered']);
    expect(listOf(requests[0] as ReceivedRequest)[1]).toMatchObject({
      ...{ ddsource: 'tyk', timestamp: milliseconds, tyk: hostile },
      message: `GET ${hostile.path} 200`,
    });
  });

  it('is never given more than 1,000 logs or 5 MB', async () => {
    server = await FakeHttpServer.start((request) => {
      const isGood = request.body.length <= 5_000_000 && listOf(request).length <= 1_000;
      return { status: isGood ? 202 : 413 };
    });
    const pump = aPreparedPump(http, { url: server.url, preset: 'datadog' });

    expect(pump.limits).toMatchObject({ records: 1_000, bytes: 5_000_000 });
    const batch = aBatch(1_000, { raw_response: '\u0001'.repeat(1_500) });
    const outcomes = outcomesOf(await deliverOnce(pump, batch));

    expect(new Set(outcomes)).toEqual(new Set(['delivered']));
    expect(server.requests.length).toBeGreaterThan(1);
  });
});

describe('New Relic: POST /log/v1', () => {
  it('is given logs in the detailed form, which it answers with 202', async () => {
    const judge = (request: ReceivedRequest): Reply => {
      if (request.headers['api-key'] !== 'licence') return { status: 403 };
      const isGood =
        request.body.length <= 1_000_000 &&
        isType(request, 'application/json') &&
        listOf(request).every(
          ({ logs, common }) =>
            typeof common === 'object' &&
            (logs as readonly Json[]).every(
              ({ timestamp, message, attributes }) =>
                Number.isInteger(timestamp) &&
                typeof message === 'string' &&
                typeof attributes === 'object',
            ),
        );
      return isGood ? { status: 202, body: { requestId: 'x' } } : { status: 400 };
    };

    const given = { path: '/log/v1', token: 'licence', size: 2_000 };
    const { outcomes, requests } = await sent('newrelic', given, judge);

    expect(outcomes).toEqual(['delivered']);
    expect(requests.length).toBeGreaterThan(1);
    // They travel side by side, and the second may be there first.
    const seconds = requests.map((request) => {
      const [{ logs }] = listOf(request) as readonly [{ readonly logs: readonly Json[] }];
      return logs[1];
    });
    expect(seconds).toContainEqual(
      expect.objectContaining({
        timestamp: milliseconds,
        attributes: expect.objectContaining(hostile) as unknown,
      }),
    );
  });
});

describe('Dynatrace: POST /api/v2/logs/ingest', () => {
  const given = { path: '/api/v2/logs/ingest', token: 'dt0c01' };

  it('is given events, which it answers with 204', async () => {
    const judge = (request: ReceivedRequest): Reply => {
      if (request.headers['authorization'] !== 'Api-Token dt0c01') return { status: 401 };
      const isGood =
        isType(request, 'application/json; charset=utf-8') &&
        listOf(request).every(
          ({ content, timestamp, ...attributes }) =>
            typeof content === 'string' &&
            new Date(String(timestamp)).getTime() === milliseconds &&
            Object.values(attributes).every((one) => typeof one === 'string'),
        );
      return { status: isGood ? 204 : 400 };
    };

    const { outcomes, requests } = await sent('dynatrace', given, judge);

    expect(outcomes).toEqual(['delivered']);
    const [, event] = listOf(requests[0] as ReceivedRequest);
    expect(event).toMatchObject({ api_id: hostile.api_id, 'http.response.status_code': '200' });
    expect(JSON.parse(String(event?.['content']))).toMatchObject(hostile);
  });

  it('has not taken all of them where it answers 200', async () => {
    const { outcomes } = await sent('dynatrace', given, () => ({ status: 200, body: {} }));

    expect(outcomes).toEqual(['reject']);
  });
});

it('Logstash’s http input is given an array, whose codec makes an event of each element', async () => {
  const { outcomes, requests } = await sent('logstash', { path: '/' }, (request) => ({
    status: isType(request, 'application/json') && Array.isArray(jsonOf(request)) ? 200 : 400,
    body: 'ok',
  }));

  expect(outcomes).toEqual(['delivered']);
  expect(listOf(requests[0] as ReceivedRequest)).toMatchObject([{ method: 'GET' }, hostile]);
});

it('Vector’s http_server is given lines of JSON', async () => {
  const linesOf = ({ body }: ReceivedRequest): readonly unknown[] =>
    String(body)
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  const { outcomes, requests } = await sent('vector', { path: '/' }, (request) => ({
    status: linesOf(request).length === 2 ? 200 : 400,
  }));

  expect(outcomes).toEqual(['delivered']);
  expect(linesOf(requests[0] as ReceivedRequest)).toMatchObject([{ method: 'GET' }, hostile]);
});

it('a webhook is given each record in a request with a key of its own', async () => {
  const keys = new Set<unknown>();
  const { outcomes, requests } = await sent('webhook', { path: '/hook', size: 5 }, (request) => {
    keys.add(request.headers['idempotency-key']);
    return { status: isType(request, 'application/json') ? 200 : 415 };
  });

  expect(outcomes).toEqual(['delivered']);
  expect(keys.size).toBe(5);
  expect(requests.map((request) => jsonOf(request))).toContainEqual(
    expect.objectContaining(hostile),
  );
});
