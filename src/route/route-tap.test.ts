/** What somebody who looks on sees of the records of a route, and what the route does meanwhile. */
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import type { PumpEntry } from '../config/config.ts';
import { noRules, type RecordRules } from '../config/record-rules.ts';
import type { Clock } from '../lib/clock.ts';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import { millis } from '../lib/units.ts';
import type { RecordFields } from '../record/encode/record-fields.ts';
import { msgpackDecoder } from '../record/msgpack/decoder.ts';
import { aRecord } from '../record/testing.ts';
import { TapPoint } from './tap/tap-point.ts';
import type { Tapped, TapWish } from './tap/tapped.ts';
import { RouteBench, stopped } from './testing/bench.testing.ts';
import { FakeSink } from './testing/fake-sink.testing.ts';
import { aList, aPumpEntry } from './testing/parts.testing.ts';

const secret = 's3cr3t-t0ken-of-somebody';
const key = '5e9d9544a1dcd60001d0ed20abcdef';
const message = (text: string | Buffer): string => Buffer.from(text).toString('base64');

const wish = (changes: Partial<TapWish> = {}): TapWish => ({
  ...{ id: 1, routes: [], where: '', rate: 100 },
  ...changes,
});

/** Runs a route over records, with these who look on, and gives what they were told. */
async function looking(
  records: readonly RecordFields[],
  {
    wishes = [wish()],
    rules = {},
    entry = {},
    clockOf = (clock) => clock,
  }: {
    readonly wishes?: readonly TapWish[];
    readonly rules?: Partial<RecordRules>;
    readonly entry?: Partial<PumpEntry>;
    /** That of the tap. */
    readonly clockOf?: (clock: Clock) => Clock;
  } = {},
) {
  const told: Tapped[] = [];
  const sink = new FakeSink();
  const point = new TapPoint({
    clock: clockOf(new FakeClock()),
    log: memoryLog(),
    onTapped: (each) => told.push(each),
  });
  await point.follow(wishes);
  const bench = new RouteBench(sink, {
    entry: aPumpEntry({ ...entry, rules: { ...noRules, ...rules } }),
    tap: point,
  });
  const list = { ...aList(), decoder: msgpackDecoder };
  bench.source.add(
    records.map((fields) => aRecord(fields)),
    { list },
  );
  const running = bench.start();
  await bench.clock.advance(5_000);
  await stopped(bench, running);
  const shown = told.flatMap((each) => each.records);
  return {
    told,
    sink,
    shown: shown.map(({ record }) => JSON.parse(record) as Record<string, unknown>),
    ids: shown.map(({ id }) => id),
    skipped: told.reduce((sum, each) => sum + each.skipped, 0),
  };
}

describe('a tap', () => {
  it('shows what the sink gets, with its id, and no secret, whatever the route redacts', async () => {
    const request = `POST /pets?access_token=${secret} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${secret}\r\nX-Caller: ${key}\r\n\r\n{"password":"${secret}"}`;
    const { shown, ids, sink } = await looking([
      { path: '/pets', api_key: key, tags: [`key-${key}`], raw_request: message(request) },
    ]);
    expect(sink.seen).toHaveLength(1);
    expect(ids).toEqual([expect.stringMatching(/:0$/)]);
    const [record] = shown;
    expect(record).toMatchObject({
      path: '/pets',
      api_key: '…cdef',
      raw_request: expect.stringContaining('Authorization: Bearer [redacted]') as string,
    });
    expect(JSON.stringify(record)).not.toContain(secret);
    expect(JSON.stringify(record)).not.toContain(key);
  });

  it('shows nothing that the route leaves out', async () => {
    const records = [
      { path: '/a', user_agent: 'curl', raw_request: message('GET /'), alias: 'me' },
    ];
    const ignored = await looking(records, { entry: { ignoreFields: ['alias', 'raw_request'] } });
    expect(ignored.shown).toMatchObject([{ alias: '', raw_request: '', path: '/a' }]);
    const fields = { include: [], exclude: ['alias', 'raw_request'], rename: { path: 'p' } };
    const excluded = await looking(records, {
      rules: { fields: { ...fields, constants: {}, unknown: false } },
    });
    expect(excluded.shown[0]).toMatchObject({ path: '/a', user_agent: 'curl' });
    for (const name of ['alias', 'raw_request', 'raw_request_bytes'])
      expect(excluded.shown[0]).not.toHaveProperty(name);
  });

  it('shows of bodies what is text, as far as it is short, and how long they are', async () => {
    const long = `HTTP/1.1 200 OK\r\n\r\n${'é'.repeat(20_000)}`;
    const packed = Buffer.concat([
      Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
      Buffer.from([0, 1, 2, 0xff]),
    ]);
    const { shown } = await looking([
      { raw_request: message(packed), raw_response: message(long) },
      { raw_request: message(Buffer.from([0, 0xff])), raw_response: message('b'.repeat(300_000)) },
      { raw_request: '', raw_response: 'not base64: é' },
    ]);
    expect(shown[0]).toMatchObject({
      raw_request: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n[4 bytes that are not text]',
      raw_response_bytes: Buffer.byteLength(long),
    });
    expect(String(shown[0]?.['raw_response'])).toMatch(/^HTTP\/1.1 200 OK\r\n\r\né+$/);
    expect(String(shown[0]?.['raw_response']).length).toBeLessThan(8_200);
    expect(shown[1]).toMatchObject({ raw_request: null, raw_response: null });
    expect(shown[1]).toMatchObject({ raw_request_bytes: 2, raw_response_bytes: 300_000 });
    expect(shown[2]).toMatchObject({ raw_request: '', raw_response: 'not base64: é' });
  });

  it('shows what the expression selects, of the routes that are meant', async () => {
    const records = [200, 500, 200, 503].map((response_code) => ({ response_code }));
    const { told } = await looking(records, {
      wishes: [
        wish({ where: 'status:5xx' }),
        wish({ id: 2, routes: ['OTHER'] }),
        wish({ id: 3, routes: ['TEST', 'OTHER'] }),
      ],
    });
    expect(
      told.map(({ listener, records: { length }, skipped }) => [listener, length, skipped]),
    ).toEqual([
      [1, 2, 0],
      [3, 4, 0],
    ]);
  });

  it('skips what exceeds its rate, and says how much; the sink gets all', async () => {
    const records = Array.from({ length: 50 }, (_, index) => ({ path: `/${index}` }));
    const { shown, skipped, sink } = await looking(records, { wishes: [wish({ rate: 5 })] });
    expect(shown.map(({ path }) => path)).toEqual(['/0', '/10', '/20', '/30', '/40']);
    expect(skipped).toBe(45);
    expect(sink.seen).toHaveLength(50);
  });

  it('looks at no more than there is time for', async () => {
    const records = Array.from({ length: 100 }, () => ({ response_code: 200 }));
    // Each time that it is asked for, ten milliseconds have passed.
    let asked = 0;
    const { shown, skipped, sink } = await looking(records, {
      wishes: [wish({ where: 'status:200' })],
      clockOf: (clock) => ({
        ...{ now: () => clock.now(), random: () => 0 },
        ...{ sleep: () => Promise.resolve(), after: () => () => undefined },
        elapsed: () => millis(++asked * 10),
      }),
    });
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.length + skipped).toBe(100);
    expect(skipped).toBeGreaterThan(50);
    expect(sink.seen).toHaveLength(100);
  });

  it('that fails is closed, and the route goes on', async () => {
    const { shown, sink } = await looking([{}, {}], {
      clockOf: (clock) => ({
        ...{ random: () => 0, elapsed: () => clock.elapsed() },
        ...{ sleep: () => Promise.resolve(), after: () => () => undefined },
        now: () => {
          throw new Error('a bug');
        },
      }),
    });
    expect([shown, sink.seen.length]).toEqual([[], 2]);
  });
});
