import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import {
  aBatch,
  aContext,
  answerOnce,
  aPreparedPump,
  deliverOnce,
  FakeHttpServer,
  outcomesOf,
  type ReceivedRequest,
  type RecordOverrides,
  type Reply,
} from '#pump/testing';
import http from './index.ts';

let server: FakeHttpServer | undefined;
afterEach(() => server?.close());

/** A pump for a server that answers so. */
async function aPump(meta: object, answer: (request: ReceivedRequest) => Reply = () => ok) {
  server = await FakeHttpServer.start(answer);
  const { path = '', ...more } = meta as { readonly path?: string };
  const pump = aPreparedPump(http, { url: `${server.url}${path}`, ...more });
  return { pump, requests: server.requests };
}

const ok: Reply = { status: 200 };
const body = '{"p":"{{path}}"}';
const textOf = (request: ReceivedRequest | undefined): string => String(request?.body);
const poisoned = (index: number): RecordOverrides => ({
  path: index % 7 === 3 ? '/poison' : `/${index}`,
});
const refusing = (request: ReceivedRequest): Reply =>
  textOf(request).includes('poison') ? { status: 422 } : ok;

describe('a request', () => {
  it('has the method, the headers and the path of the options', async () => {
    const { pump, requests } = await aPump({
      ...{ path: '/a/?key=k', method: 'PATCH', token: 'tok', body },
      headers: { 'Content-Type': 'application/vnd.x+json', 'X-Tenant': 'one' },
    });

    await deliverOnce(pump, aBatch(2));

    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'PATCH', path: '/a/' });
    expect(requests[0]?.query.get('key')).toBe('k');
    expect(requests[0]?.headers).toMatchObject({
      ...{ authorization: 'Bearer tok', 'x-tenant': 'one' },
      'content-type': 'application/vnd.x+json',
    });
  });

  it.each([
    [{ username: 'u', password: 'p:q' }, ''],
    [{}, 'u:p%3Aq@'],
  ])('signs in with a user and a password', async (meta, inUrl) => {
    const { requests } = await aPump({});
    const url = server?.url.replace('//', `//${inUrl}`) ?? '';

    await deliverOnce(aPreparedPump(http, { url, ...meta }), aBatch(1));

    expect(requests[0]?.headers['authorization']).toBe(`Basic ${btoa('u:p:q')}`);
  });

  it('is compressed where that is asked for, at the level that is asked for', async () => {
    const sizeAt = async (gzip_level: number) => {
      const { pump, requests } = await aPump({ gzip: true, gzip_level });
      await deliverOnce(pump, aBatch(200, poisoned, 'same'));
      expect(requests[0]?.headers['content-encoding']).toBe('gzip');
      const text = gunzipSync(requests[0]?.body ?? '').toString('utf8');
      expect(text.trimEnd().split('\n')).toHaveLength(200);
      await server?.close();
      return requests[0]?.body.length ?? 0;
    };

    expect(await sizeAt(9)).toBeLessThan(await sizeAt(1));
  });

  it('has a key that is the same for the same records, and the id of a single one', async () => {
    const { pump, requests } = await aPump({ idempotency_header: 'X-Once', body });
    const keys = () => requests.map(({ headers }) => String(headers['x-once']));

    await deliverOnce(pump, aBatch(3, {}, 'one'));
    await deliverOnce(pump, aBatch(3, {}, 'one'));
    await deliverOnce(pump, aBatch(2, {}, 'one'));
    await deliverOnce(pump, aBatch(1, {}, 'one'));

    const [first, second, third, fourth] = keys();
    expect(first).toMatch(/^[\da-f]{40}$/);
    expect([second === first, third === first, fourth]).toEqual([true, false, 'one:0']);
  });
});

describe('records of one batch', () => {
  it('go to the addresses of their fields, those of one address in one request', async () => {
    const { pump, requests } = await aPump({ path: '/in/{{api_id}}', body, format: 'json' });

    const verdicts = await deliverOnce(
      pump,
      aBatch(4, (index) => ({ path: `/${index}`, api_id: `api ${index % 2}` })),
    );

    expect(outcomesOf(verdicts)).toEqual(verdicts.map(() => 'delivered'));
    expect(requests.map((one) => [one.path, textOf(one)]).sort()).toEqual([
      ['/in/api%200', '[{"p":"/0"},{"p":"/2"}]'],
      ['/in/api%201', '[{"p":"/1"},{"p":"/3"}]'],
    ]);
  });

  it('without an address or a method are rejected, and the others sent', async () => {
    const { pump, requests } = await aPump({ path: '/{{api_id}}', method: '{{method}}' });
    const fields = [
      { method: 'PUT', api_id: 'a' },
      { method: 'PUT', api_id: '..' },
      { method: 'DELETE', api_id: 'a' },
    ];

    const verdicts = await deliverOnce(
      pump,
      aBatch(3, (index) => fields[index] ?? {}),
    );

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'reject', 'reject']);
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['PUT /a']);
  });

  it('are judged as one request where the server refuses all, for the courier to halve', async () => {
    const { pump } = await aPump({ body, batch_records: 5 }, refusing);

    const { ofRequest } = await answerOnce(pump, aBatch(5, poisoned));

    expect(ofRequest).toMatchObject({ outcome: 'reject', failure: { kind: 'invalid' } });
  });

  it('are halved where a part of them is refused, until the culprits are alone', async () => {
    const taken: string[] = [];
    const { pump } = await aPump({ path: '/{{api_id}}', body }, (request) => {
      const reply = request.path === '/good' ? ok : refusing(request);
      if (reply === ok) taken.push(...textOf(request).trimEnd().split('\n'));
      return reply;
    });
    const batch = aBatch(40, (index) => ({
      ...poisoned(index),
      api_id: index === 0 ? 'good' : 'mixed',
    }));

    const verdicts = await deliverOnce(pump, batch);

    const expected = batch.entries.map((_, index) => (index % 7 === 3 ? 'reject' : 'delivered'));
    expect(outcomesOf(verdicts)).toEqual(expected);
    expect(taken).toHaveLength(expected.filter((outcome) => outcome === 'delivered').length);
    expect(new Set(taken).size).toBe(taken.length);
  });

  it('fare each on its own as single requests', async () => {
    const { pump } = await aPump({ format: 'single', body }, refusing);

    const verdicts = await deliverOnce(pump, aBatch(8, poisoned));

    expect(outcomesOf(verdicts).indexOf('reject')).toBe(3);
    expect(outcomesOf(verdicts).filter((outcome) => outcome === 'delivered')).toHaveLength(7);
  });

  it('are what the table says of a status', async () => {
    const { pump } = await aPump({ statuses: { '5xx': 'delivered' } }, () => ({ status: 500 }));

    expect(outcomesOf(await deliverOnce(pump, aBatch(2)))).toEqual(['delivered', 'delivered']);
  });
});

describe('what a server says to a refusal', () => {
  it('is in a line for those who look for it, and in no reason', async () => {
    const { pump } = await aPump({}, () => ({ status: 400, body: 'no such field: hunter2' }));
    const context = aContext();
    const { signal } = new AbortController();
    const sink = await pump.open(context, signal);

    const { verdicts } = await sink.deliver(aBatch(1), signal);
    await sink.close(signal);

    expect(JSON.stringify(verdicts)).not.toContain('hunter2');
    expect(context.lines).toMatchObject([
      { level: 'debug', fields: { status: 400, answer: 'no such field: hunter2' } },
    ]);
  });
});

describe('readiness', () => {
  it.each([
    [204, 'up'],
    [404, 'up'],
    [405, 'up'],
    [401, 'down'],
    [403, 'unknown'],
    [503, 'down'],
  ])('is, at %i to HEAD, %s', async (status, state) => {
    const { pump, requests } = await aPump({ path: '/x' }, () => ({ status }));
    const { signal } = new AbortController();
    const sink = await pump.open(aContext(), signal);

    expect(await sink.check(signal)).toMatchObject({ state });
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['HEAD /x']);
    await sink.close(signal);
  });
});
