import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { FakeHttpServer, type Reply } from '../testing/http-server.ts';
import { LocalServer } from '../testing/local-server.ts';
import { createHttpClient, type HttpClient } from './client.ts';
import { jsonMember, jsonOf } from './json.ts';

const signal = AbortSignal.timeout(10_000);

let server: FakeHttpServer;
let client: HttpClient;
let reply: Reply;
const clock = new FakeClock();

beforeEach(async () => {
  reply = { status: 200, body: { a: 1 } };
  server = await FakeHttpServer.start(() => reply);
  client = createHttpClient({
    url: new URL(`${server.url.replace('//', '//user:secret@')}/prefix/`),
    headers: { authorization: 'Token secret' },
    clock,
    proxy: undefined,
  });
});
afterEach(async () => {
  client.close();
  await server.close();
});

async function answer() {
  const outcome = await client.send({ method: 'GET', path: '/' }, signal);
  if (!outcome.ok) throw new Error(outcome.failure.message);
  return outcome.answer;
}

it('sends the body below the path of the address, with its headers', async () => {
  await client.send(
    { method: 'POST', path: '/write?a=b', body: Buffer.from('é'), headers: { x: 'y' } },
    signal,
  );

  expect(server.requests).toMatchObject([
    {
      method: 'POST',
      path: '/prefix/write',
      headers: { authorization: 'Token secret', x: 'y', 'content-length': '2' },
      body: Buffer.from('é'),
    },
  ]);
  expect(server.requests[0]?.query.get('a')).toBe('b');
});

it('keeps the path, the trailing slash and the query of its address', async () => {
  const own = createHttpClient({
    url: new URL(`${server.url}/ingest/?tenant=a`),
    clock,
    proxy: undefined,
  });

  await own.send({ method: 'POST', path: '' }, signal);
  await own.send({ method: 'POST', path: '/write?precision=ns' }, signal);
  await own.end();

  expect(server.requests.map(({ path, query }) => [path, query.toString()])).toEqual([
    ['/ingest/', 'tenant=a'],
    ['/ingest/write', 'tenant=a&precision=ns'],
  ]);
});

it('gives the answer, whatever its status', async () => {
  reply = { status: 503, body: { error: 'busy' }, headers: { 'retry-after': '7' } };

  const given = await answer();

  expect(given).toMatchObject({ status: 503, retryAfter: 7_000 });
  expect(jsonMember(jsonOf(given), 'error')).toBe('busy');
});

describe('without an answer', () => {
  it('says that the server is unreachable, without the address’s password', async () => {
    await server.close();

    const outcome = await client.send({ method: 'GET', path: '/' }, signal);

    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  it('guesses nothing about the address of a server that has answered before', async () => {
    let answers = 0;
    const moody = new LocalServer(() =>
      createServer((_, response) => {
        answers += 1;
        if (answers === 1) response.end('fine');
        else response.destroy();
      }),
    );
    await moody.listen();
    const url = new URL(`http://127.0.0.1:${moody.port}`);
    const known = createHttpClient({ url, clock, proxy: undefined });
    const stranger = createHttpClient({ url, clock, proxy: undefined });

    await known.send({ method: 'GET', path: '/' }, signal);
    const [later, first] = await Promise.all(
      [known, stranger].map((one) => one.send({ method: 'GET', path: '/' }, signal)),
    );
    known.close();
    stranger.close();
    await moody.close();

    expect(JSON.stringify(later)).toContain('other side closed');
    expect(JSON.stringify(later)).not.toContain('TLS');
    expect(JSON.stringify(first)).toContain('with TLS its address begins with https://');
  });

  it('says that the time was up', async () => {
    await server.stall();

    const outcome = await client.send({ method: 'GET', path: '/' }, AbortSignal.timeout(50));

    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'timeout' } });
  });
});

it('has no JSON in an answer that is none', () => {
  expect(jsonOf({ body: '<html>' })).toBeUndefined();
  expect(jsonMember('text', 'a')).toBeUndefined();
});
