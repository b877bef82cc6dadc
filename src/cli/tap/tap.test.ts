import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { millis } from '../../lib/units.ts';
import type { TapFlags } from '../command-line/command.ts';
import { aContext } from '../testing.ts';
import { tap } from './tap.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Answers each request in turn, the last one again and again. */
async function serving(...answers: readonly ((response: ServerResponse, url: string) => void)[]) {
  let asked = 0;
  const server = createServer((request, response) => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    answer?.(response, request.url ?? '');
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const record = (fields: object) => ({
  ...{ type: 'record', route: 'ES', id: '1:0', at: '2026-01-31T14:00:01.250Z' },
  record: { method: 'GET', path: '/pets', response_code: 200, request_time: 7, ...fields },
});

const lines =
  (...written: readonly object[]) =>
  (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const line of written) response.write(`${JSON.stringify(line)}\n`);
  };

const flagsOf = (changes: Partial<TapFlags>): TapFlags => ({
  ...{ help: false, conf: '', route: [], where: '', rate: 10, limit: 0, for: millis(0) },
  ...{ url: '', token: '', json: false },
  ...changes,
});

function tapping(changes: Partial<TapFlags>, hasColours = false) {
  const stop = new AbortController();
  const unread = new AbortController();
  const context = aContext({ clock: systemClock, signal: stop.signal });
  const code = tap({ kind: 'tap', flags: flagsOf(changes) }, context, {
    writePainted: (line) => context.stdout.write(line),
    ...{ hasColours, unread: unread.signal },
  });
  return { code, stop, unread, out: () => context.out(), err: () => context.err() };
}

describe('sluice tap', () => {
  it('prints a line for each record, up to its limit, and what it asks for', async () => {
    let asked = '';
    const url = await serving((response, path) => {
      asked = path;
      lines(
        { type: 'beat' },
        record({ api_name: 'Pets', api_key: '…cdef' }),
        { type: 'skipped', records: 4711 },
        record({ response_code: 503 }),
        record({ path: '/never' }),
      )(response);
    });
    const { code, out, err } = tapping({
      ...{ url, limit: 2, route: ['es', 'csv'], where: 'status:5xx', rate: 50 },
    });
    expect(await code).toBe(0);
    expect(asked).toBe('/api/v1/tap?route=es&route=csv&where=status%3A5xx&rate=50');
    expect(out().split('\n')).toEqual([
      '14:00:01.250  ES            200      7 ms  GET     /pets  Pets  key …cdef',
      '… 4,711 more passed unseen',
      '14:00:01.250  ES            503      7 ms  GET     /pets',
      '',
    ]);
    expect(err()).toBe('');
  });

  it('shows what strangers wrote as data, on one line, with no colours but its own', async () => {
    const hostile = record({ path: '/\u001b[2J\n\u202e', alias: '\u0007', method: {} });
    const url = await serving(lines(hostile));
    const plain = tapping({ url, limit: 1 });
    expect(await plain.code).toBe(0);
    expect(plain.out()).toBe(
      '14:00:01.250  ES            200      7 ms  –       /\\u001b[2J\\u000a\\u202e  key \\u0007\n',
    );
    const coloured = tapping({ url, limit: 1 }, true);
    expect(await coloured.code).toBe(0);
    expect(coloured.out()).toContain('\u001b[32m200\u001b[39m');
    const json = tapping({ url, limit: 1, json: true });
    expect(await json.code).toBe(0);
    expect(JSON.parse(json.out())).toEqual(hostile);
    expect(json.out()).not.toMatch(/[\u001b\u202e]/);
  });

  it('says that a connection is lost, and tries again', async () => {
    const url = await serving(
      (response) => {
        lines({ type: 'beat' })(response);
        response.end();
      },
      (response) => void response.destroy(),
      lines({ type: 'beat' }, record({})),
    );
    const { code, err } = tapping({ url, limit: 1 });
    expect(await code).toBe(0);
    expect(err()).toBe(
      `sluice: warning: ${url}: the service has ended it; it is tried again\nsluice: note: ${url} is there again\n`,
    );
  });

  it('says why it is refused', async () => {
    const url = await serving((response) => {
      response.writeHead(404, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ detail: 'there is no \u001broute' }));
    });
    const { code, err } = tapping({ url });
    expect([await code, err()]).toEqual([1, `sluice: error: ${url}: there is no \\u001broute\n`]);
    const where = tapping({ url, where: 'status:(' });
    expect([await where.code, where.err()]).toEqual([
      1,
      expect.stringContaining('status:(\n       ^'),
    ]);
    expect(await tapping({ url: 'nowhere' }).code).toBe(1);
    const page = await serving((response) => response.end('<html>\n'));
    const other = tapping({ url: page });
    expect([await other.code, other.err()]).toEqual([1, expect.stringContaining('no tap')]);
  });

  it.each(['stop', 'unread'] as const)('ends with 0 at its %s', async (how) => {
    const url = await serving(lines({ type: 'beat' }, record({})));
    const { code, out, ...signals } = tapping({ url });
    await vi.waitUntil(() => out() !== '');
    signals[how].abort();
    expect(await code).toBe(0);
  });
});
