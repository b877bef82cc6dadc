import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Writing } from '#source';
import { aHar, anEntry, type HarUnderTest, startHarSource } from '../har.testing.ts';

const running: HarUnderTest[] = [];

afterEach(async () => {
  for (const source of running.splice(0)) await source.stop();
});

async function listening(raw: object = {}, writing?: Writing) {
  const har = await startHarSource({ listen: '127.0.0.1:0', ...raw }, writing && { writing });
  running.push(har);
  const [url = ''] = har.source.listensAt;
  return { har, url };
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

async function send(url: string, { method = 'POST', path = '/', headers = {}, body }: Sent) {
  const sending = request(new URL(path, url), { method, headers, agent: false });
  sending.on('error', () => undefined);
  sending.end(body);
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of answer) text += String(part);
  const json: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: answer.statusCode, headers: answer.headers, json };
}

const line = JSON.stringify(anEntry());

describe('the endpoint for HARs', () => {
  it.each([
    ['a HAR', aHar([anEntry(), anEntry()]), 2],
    ['an entry', line, 1],
    ['lines of entries', `${line}\n${line}\n${line}\n`, 3],
    ['a list', `[${line}]`, 1],
  ])('takes %s', async (_, body, imported) => {
    const { har, url } = await listening();

    const { status, json } = await send(url, { body });

    expect([status, json]).toEqual([200, { imported, skipped: 0, written: true, problems: [] }]);
    expect(har.exchanges).toHaveLength(imported);
    expect(har.source.ended).toBeUndefined();
  });

  it('takes what is compressed, and no more of it than may be', async () => {
    const { url } = await listening({ max_body: '10KiB' });
    const headers = { 'content-encoding': 'gzip' };

    expect((await send(url, { headers, body: gzipSync(aHar([anEntry()])) })).status).toBe(200);
    const bomb = gzipSync(Buffer.alloc(1_000_000, ' '));
    expect((await send(url, { headers, body: bomb })).status).toBe(413);
    expect((await send(url, { headers, body: 'no gzip' })).status).toBe(400);
    expect((await send(url, { headers: { 'content-encoding': 'zstd' }, body: 'x' })).status).toBe(
      415,
    );
  });

  it('says what was wrong, and what was taken all the same', async () => {
    const { har, url } = await listening({ max_body: '10KiB' });

    expect(await send(url, { body: aHar([anEntry(), anEntry({ request: null })]) })).toMatchObject({
      status: 200,
      json: {
        imported: 1,
        skipped: 1,
        problems: [{ entry: 1, reason: 'expected an object in request, found null' }],
      },
    });
    expect(await send(url, { body: '<html>' })).toMatchObject({
      status: 422,
      json: {
        imported: 0,
        skipped: 1,
        problems: [{ entry: 0, reason: 'expected an object or a list, at byte 0' }],
      },
    });
    expect((await send(url, { body: '' })).status).toBe(400);
    expect((await send(url, { body: aHar([anEntry()]).padEnd(11_000) })).status).toBe(413);
    const parts = { 'transfer-encoding': 'chunked' };
    expect(
      await send(url, { headers: parts, body: aHar([anEntry()]).padEnd(11_000) }),
    ).toMatchObject({
      status: 413,
      json: { written: false, problems: [{ reason: 'the body is larger than max_body' }] },
    });
    expect(har.exchanges.length).toBeGreaterThanOrEqual(1);
  });

  it('says that records are not written yet', async () => {
    const { url } = await listening(
      {},
      {
        room: () => Promise.resolve(),
        written: () => Promise.resolve(false),
      },
    );

    expect(await send(url, { body: line })).toMatchObject({
      status: 202,
      json: { imported: 1, written: false },
    });
  });

  it('is for POST at /, and for those who have the token', async () => {
    const { har, url } = await listening({ token: 'hunter2hunter2' });
    const authorization = 'Bearer hunter2hunter2';

    expect((await send(url, { body: line })).status).toBe(401);
    expect(
      (await send(url, { body: line, headers: { authorization: 'Bearer other' } })).status,
    ).toBe(401);
    expect((await send(url, { body: line, headers: { authorization } })).status).toBe(200);
    expect((await send(url, { method: 'GET' })).status).toBe(405);
    expect((await send(url, { path: '/x', body: line })).status).toBe(404);
    expect(har.exchanges).toHaveLength(1);
  });

  it('is for pages and extensions that were named, and no others', async () => {
    const ours = 'chrome-extension://abc';
    const { har, url } = await listening({ origins: [ours] });
    const post = (origin: string) => send(url, { body: line, headers: { origin } });

    const asked = await send(url, {
      method: 'OPTIONS',
      headers: { origin: ours, 'access-control-request-method': 'POST' },
    });
    expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([204, ours]);
    const taken = await post(ours);
    expect([taken.status, taken.headers['access-control-allow-origin']]).toEqual([200, ours]);
    for (const origin of ['https://evil.example', 'null', 'chrome-extension://abcd']) {
      const refused = await post(origin);
      expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([
        403,
        undefined,
      ]);
      expect((await send(url, { method: 'OPTIONS', headers: { origin } })).status).toBe(403);
    }
    expect(har.exchanges).toHaveLength(1);
  });

  it('takes what was whole of a request that breaks off, and goes on', async () => {
    const { har, url } = await listening();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n${line}\n${line.slice(0, 50)}`,
    );
    await expect.poll(() => har.exchanges.length).toBe(1);
    socket.destroy();

    expect((await send(url, { body: line })).status).toBe(200);
    expect(har.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('says whose port is taken', async () => {
    const { url } = await listening();

    await expect(listening({ listen: new URL(url).host })).rejects.toThrow(
      /HARs cannot be taken at 127/,
    );
  });
});
