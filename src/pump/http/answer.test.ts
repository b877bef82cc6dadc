import { createServer, type ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { LocalServer } from '../testing/local-server.ts';
import { createHttpClient, type HttpClient } from './client.ts';

const signal = AbortSignal.timeout(30_000);
const mebibyte = 1024 * 1024;

let server: LocalServer | undefined;
let client: HttpClient | undefined;

afterEach(async () => {
  client?.close();
  await server?.close();
});

/** What the client makes of an answer. */
async function outcomeOf(answer: (response: ServerResponse) => void) {
  server = new LocalServer(() => createServer((_, response) => answer(response)));
  await server.listen();
  client = createHttpClient({
    url: new URL(`http://127.0.0.1:${server.port}`),
    clock: new FakeClock(),
    proxy: undefined,
  });
  return client.send({ method: 'GET', path: '/' }, signal);
}

const says = (body: Uint8Array, encoding?: string) => (response: ServerResponse) => {
  response.writeHead(400, encoding === undefined ? {} : { 'content-encoding': encoding });
  response.end(body);
};

describe('an answer of more than 16 MiB is a failure that says so', () => {
  const failure = {
    ok: false,
    failure: { kind: 'unexpected', message: expect.stringContaining('more than 16 MiB') as string },
  };

  it('as it is', async () => {
    expect(await outcomeOf(says(Buffer.alloc(16 * mebibyte + 1)))).toMatchObject(failure);
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('when it is decompressed: %s', async (encoding, compress) => {
    const body = compress(Buffer.alloc(17 * mebibyte));

    expect(await outcomeOf(says(body, encoding))).toMatchObject(failure);
  });

  it('when it never ends, and the connection with it', async () => {
    let closed = false;
    const outcome = await outcomeOf((response) => {
      response.on('close', () => {
        closed = true;
      });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(mebibyte)));
      };
      response.on('drain', more);
      more();
    });

    expect(outcome).toMatchObject(failure);
    await expect.poll(() => closed).toBe(true);
  });
});

it.each([
  [undefined, Buffer.from('plain')],
  ['identity', Buffer.from('plain')],
  ['GZIP', gzipSync('plain')],
  ['deflate', deflateSync('plain')],
  ['br', brotliCompressSync('plain')],
  ['gzip', gzipSync(Buffer.alloc(15 * mebibyte))],
])('is read where it is smaller: %s', async (encoding, body) => {
  const outcome = await outcomeOf(says(body, encoding));

  expect(outcome).toMatchObject({ ok: true, answer: { status: 400 } });
  if (outcome.ok && body.length < 100) expect(outcome.answer.body).toBe('plain');
});

it.each([
  ['zstd', Buffer.from('x'), 'an encoding nobody asked for'],
  ['gzip, gzip', gzipSync(gzipSync('x')), 'an encoding nobody asked for'],
  ['gzip', Buffer.from('no gzip'), 'no valid gzip'],
])('is a failure that says why where it cannot be read: %s', async (encoding, body, words) => {
  expect(await outcomeOf(says(body, encoding))).toMatchObject({
    ok: false,
    failure: { kind: 'unexpected', message: expect.stringContaining(words) as string },
  });
});

it('without a body may claim any encoding', async () => {
  expect(await outcomeOf(says(Buffer.alloc(0), 'gzip'))).toMatchObject({ ok: true });
});

it('with headers of more than 16 KiB is a failure', async () => {
  const outcome = await outcomeOf((response) => {
    response.writeHead(200, { 'x-long': 'x'.repeat(20_000) });
    response.end();
  });

  expect(outcome).toMatchObject({
    ok: false,
    failure: { kind: 'unexpected', message: expect.stringContaining('headers') as string },
  });
});
