import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { collectStatements } from '../../lib/collect-statements.testing.ts';
import { bytes, millis } from '../../lib/units.ts';
import type { RecordFields } from '../../record/encode/record-fields.ts';
import { aRecord } from '../../record/testing.ts';
import { TrafficStore } from '../../traffic/store/store.ts';
import { parseCommandLine } from '../command-line/parse-command-line.ts';
import { aContext } from '../testing.ts';
import { storedTraffic } from './stored-traffic.ts';

let folder = '';
let store: TrafficStore;

const at = (ago: number) => ({ seconds: Math.floor(Date.now() / 1000) - ago });
const message = (head: string, body: string | Buffer = '') =>
  Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(body)]).toString('base64');

const calls: readonly RecordFields[] = [
  {
    timestamp: at(7200),
    path: '/old',
    raw_path: '/old',
    response_code: 200,
  },
  {
    timestamp: at(20),
    method: 'POST',
    host: 'api.example.com',
    path: '/login',
    raw_path: '/login',
    response_code: 503,
    latency: { total: 1200, upstream: 1190 },
    raw_request: message(
      'POST /login HTTP/1.1\r\nHost: api.example.com\r\nAuthorization: Bearer very-secret-token-123\r\nContent-Type: application/json',
      `{"name":"it's","n":1}`,
    ),
    raw_response: message(
      'HTTP/1.1 503 Unavailable\r\nContent-Encoding: gzip\r\nContent-Type: application/json',
      gzipSync('{"why":"a hidden needle"}'),
    ),
  },
  {
    timestamp: at(10),
    path: '/\u001b[2Jevil',
    raw_path: '/\u001b[2Jevil',
    response_code: 200,
    raw_request: message('GET /\u001b[2J HTTP/1.1', Buffer.from([0, 255, 27, 91])),
  },
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-cli-traffic-'));
  store = await TrafficStore.open(
    {
      ...{ folder, fileMode: 0o600, folderMode: 0o700, hasTrigrams: true },
      ...{ maxBytes: bytes(2 ** 30), maxAge: millis(0) },
    },
    { clock: systemClock, news: { dropped: () => undefined, damaged: () => undefined } },
  );
  await store.append(
    calls.map((fields, place) => ({ segment: 'seg', place, record: aRecord(fields) })),
  );
});

afterAll(async () => {
  store.close();
  await collectStatements();
  await rm(folder, { recursive: true, force: true });
});

function running(...words: readonly string[]) {
  const command = parseCommandLine(['traffic', '--folder', folder, ...words], {});
  if (command.kind !== 'traffic') throw new Error(JSON.stringify(command));
  const stop = new AbortController();
  const lines: string[] = [];
  const context = { ...aContext(), clock: systemClock, signal: stop.signal };
  const code = storedTraffic(command, context, {
    findPump: () => Promise.resolve({ outcome: 'unknown' }),
    writePainted: (line) => void lines.push(line),
    hasColours: false,
    unread: new AbortController().signal,
  });
  return { code, stop, lines, out: () => context.out(), err: () => context.err() };
}

async function run(...words: readonly string[]) {
  const { code, lines, out, err } = running(...words);
  return { code: await code, lines, out: out(), err: err() };
}

describe('sluice traffic', () => {
  it('prints a line a call, the newest first, and nothing that steers the terminal', async () => {
    const { code, lines, err } = await run();

    expect([code, err]).toEqual([0, '']);
    expect(lines.map((line) => /seg:\d/.exec(line)?.[0])).toEqual(['seg:2', 'seg:1', 'seg:0']);
    expect(lines[0]).toContain('/\\u001b[2Jevil');
    expect(lines[1]).toMatch(
      /503 {2} 1200 ms {2}POST {4}api\.example\.com\/login {2}Pets {2}seg:1\n$/,
    );
  });

  it('selects by an expression, in one word or several', async () => {
    expect((await run('status:5xx', 'last:15m')).lines).toHaveLength(1);
    expect((await run('"hidden needle" latency>1s')).lines).toHaveLength(1);
    expect((await run('--', '-last:1h')).lines).toHaveLength(1);
    const wrong = await run('statsu:5xx');
    expect([wrong.code, wrong.lines]).toEqual([1, []]);
    expect(wrong.err).toContain('perhaps status');
  });

  it('goes on at a cursor', async () => {
    const first = await run('--limit', '2');
    const [, cursor = ''] = /--after (\S+)/.exec(first.err) ?? [];
    const { lines, err } = await run('--limit', '2', '--after', cursor);

    expect([first.lines.length, lines.length, err]).toEqual([2, 1, '']);
    expect((await run('--after', 'x')).err).toContain('the cursor is none');
  });

  it('prints JSON, HAR and curl without secrets, and with them where that is wanted', async () => {
    const json = await run('status:5xx', '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      id: 'seg:1',
      record: { path: '/login', response_code: 503 },
    });
    const har = JSON.parse((await run('status:5xx', '--har')).out) as {
      readonly log: {
        readonly entries: readonly { readonly response: { readonly content: object } }[];
      };
    };
    expect(har.log.entries[0]?.response.content).toMatchObject({
      text: expect.stringContaining('a hidden needle') as string,
    });
    const curl = await run('status:5xx', '--curl');
    expect(curl.out).toMatch(
      /^curl --request 'POST' 'http:\/\/api\.example\.com\/login' --header /,
    );
    expect(curl.out).toContain(`--data-raw '{"name":"it'\\''s","n":1}'`);
    const secret = 'very-secret-token-123';
    for (const form of ['--json', '--har', '--curl']) {
      const shown = (await run('status:5xx', form)).out;
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
    }
    expect((await run('status:5xx', '--curl', '--unredacted')).out).toContain(secret);
  });

  it('counts by a field and in time', async () => {
    expect((await run('--by', 'response_code')).out).toMatch(/200 +2 +0 .*\n503 +1 +1 +1200\.0 ms/);
    const by = JSON.parse((await run('--by', 'path', '--json')).out) as object;
    expect(by).toMatchObject({ by: 'path', is_cut: false, is_stopped: false });
    const histogram = JSON.parse((await run('--histogram', '--json')).out) as {
      readonly buckets: readonly { readonly calls: number }[];
    };
    expect(histogram.buckets.reduce((sum, { calls: count }) => sum + count, 0)).toBe(3);
    expect((await run('--by', 'tags')).err).toContain('expected one of');
  });

  it('shows whole calls, bodies decoded', async () => {
    const { code, out } = await run('show', 'seg:1');

    expect(code).toBe(0);
    expect(out).toContain('status   503');
    expect(out).toContain('  POST /login HTTP/1.1');
    expect(out).toContain('    "why": "a hidden needle"');
    expect(out).not.toContain('very-secret-token-123');
    expect((await run('show', 'seg:1', '--unredacted')).out).toContain('very-secret-token-123');
  });

  it('shows bytes that are no text in hexadecimal, and what was recorded as it is', async () => {
    const { out } = await run('show', 'seg:2');
    expect(out).toContain('  000000  00 ff 1b 5b ');
    expect(out).not.toContain('\u001b');
    const raw = await run('show', 'seg:1', '--body', 'hex', '--unredacted');
    expect(raw.out).toContain('  000000  1f 8b 08 ');
    expect((await run('show', 'seg:1', '--body', 'none')).out).not.toContain('why');
    expect((await run('show', 'seg:1', '--body', 'all')).err).toContain('expected pretty');
  });

  it('says what is not there', async () => {
    const { code, err } = await run('show', 'seg:77', 'seg:0');

    expect([code, err]).toEqual([1, 'error: seg:77: the store has no such record\n']);
    const command = parseCommandLine(['traffic', '--folder', '/nonexistent'], {});
    expect(command.kind).toBe('traffic');
  });

  it('follows what comes', async () => {
    const { code, stop, lines } = running('path:/followed*', '--follow');
    await vi.waitUntil(
      async () => {
        await store.append([
          {
            segment: 'more',
            place: lines.length,
            record: aRecord({ path: '/followed', raw_path: '/followed' }),
          },
        ]);
        return lines.length > 1;
      },
      { timeout: 10_000, interval: 200 },
    );
    stop.abort();

    expect(await code).toBe(0);
    expect(lines[0]).toContain('/followed');
  }, 15_000);
});
