/**
 * What every implementation of the query port has to do, held against the evaluation of the same query on the records in memory
 * (query/compile.ts), which shares nothing with it but the tree.
 */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { millis } from '../../lib/units.ts';
import { queries, recordFieldsIn } from '../../query/arbitrary.testing.ts';
import { compileQuery } from '../../query/compile.ts';
import { parseQuery } from '../../query/parse.ts';
import { printQuery } from '../../query/print.ts';
import type { Query } from '../../query/tree.ts';
import type { RecordFields } from '../../record/encode/record-fields.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { aRecord, decodeRecord, encodeRecord } from '../../record/testing.ts';
import { searchedMessage } from '../message.ts';
import type { StoredCall, TrafficReader } from './port.ts';

export interface PortHarness {
  /** Stores records, in this order, so that the reader finds them; in several parts where it has parts. */
  store(records: ReadonlyMap<string, AnalyticsRecord>): Promise<TrafficReader>;
  /** Forgets all. */
  reset(): Promise<void>;
}

const hour = 3600;
/** 2026-12-01T12:00:00Z. */
const noon = 1_796_126_400;

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

export const queryOf = (text: string): Query => {
  const parsed = parseQuery(text, millis(1000 * noon));
  if (!parsed.ok) throw new Error(text);
  return parsed.query;
};

export function portSuite(name: string, harness: PortHarness): void {
  const stored = async (all: readonly RecordFields[]): Promise<TrafficReader> => {
    const records = all.map((fields, at) => [`s:${String(at)}`, aRecord(fields)] as const);
    return harness.store(new Map(records));
  };
  const idsOf = (calls: readonly StoredCall[]): readonly string[] => calls.map(({ id }) => id);

  describe(name, () => {
    afterEach(() => harness.reset());

    it.each(['msgpack', 'protobuf'] as const)(
      'finds what a query means, of records in %s',
      async (encoding) => {
        const runs = fc.sample(
          fc.tuple(
            fc.array(queries, { minLength: 25, maxLength: 25 }),
            fc.array(recordFieldsIn(encoding), { minLength: 1, maxLength: 60 }),
          ),
          8,
        );
        for (const [asked, all] of runs) {
          const records = new Map(
            all.map((fields, at) => [
              `s:${String(at)}`,
              decodeRecord(encodeRecord(fields, encoding), encoding),
            ]),
          );
          const reader = await harness.store(records);
          for (const query of asked) {
            const selects = compileQuery(query, searchedMessage);
            const expected = [...records].filter(([, record]) => selects(record)).map(([id]) => id);
            const { calls, isStopped, next } = await reader.page({ query, limit: 100 });
            const { groups } = await reader.groups({ query, by: 'method', limit: 1_000 });

            expect([...idsOf(calls)].sort(), printQuery(query)).toEqual([...expected].sort());
            expect([isStopped, next]).toEqual([false, undefined]);
            expect(groups.reduce((sum, each) => sum + each.calls, 0)).toBe(expected.length);
          }
          reader.close();
          await harness.reset();
        }
      },
      120_000,
    );

    it('shows the newest first, page by page, none twice and none left out', async () => {
      const times = Array.from({ length: 57 }, (_, at) => noon + ((at * 7919) % 23));
      const reader = await stored(times.map((seconds) => ({ timestamp: { seconds } })));
      const seen: StoredCall[] = [];
      for (let after: string | undefined; ; ) {
        const page = await reader.page({
          query: queryOf(''),
          limit: 10,
          ...(after === undefined ? {} : { after }),
        });
        seen.push(...page.calls);
        after = page.next;
        if (after === undefined) break;
      }

      expect(new Set(idsOf(seen)).size).toBe(57);
      expect(seen).toHaveLength(57);
      expect(seen.map(({ time }) => time)).toEqual(
        [...times].sort((one, other) => other - one).map((seconds) => 1e6 * seconds),
      );
      reader.close();
    });

    it('has the borders of a time range as the language says', async () => {
      const reader = await stored([
        { timestamp: { seconds: noon - 1, nanos: 999_999_999 } },
        { timestamp: { seconds: noon } },
        { timestamp: { seconds: noon + 59, nanos: 999_999_999 } },
        { timestamp: { seconds: noon + 60 } },
      ]);
      const found = async (text: string) =>
        idsOf((await reader.page({ query: queryOf(text), limit: 9 })).calls);

      expect(await found('time:2026-12-01T12:00')).toEqual(['s:2', 's:1']);
      expect(await found('time>2026-12-01T12:00')).toEqual(['s:3', 's:2']);
      expect(await found('time<2026-12-01T12:00')).toEqual(['s:0']);
      expect(await found('last:1s')).toEqual(['s:3', 's:2', 's:1', 's:0']);
      expect(await found('last:0s')).toEqual(['s:3', 's:2', 's:1']);
      reader.close();
    });

    it('finds by direction, tag, header, host, text and body', async () => {
      const request = (head: string, body = '') =>
        base64(`POST /x HTTP/1.1\r\n${head}\r\n\r\n${body}`);
      const reader = await stored([
        { host: 'a.example', tags: ['cap-dir-out', 'user-1'], raw_request: request('X-Id: abc') },
        { host: 'b.example', tags: ['cap-dir-in', 'user-2'], raw_request: request('X-Id: abd') },
        { host: 'a.example', raw_request: request('Y: 1', '{"needle":1}') },
        { host: 'c.example', raw_response: base64('HTTP/1.1 200 OK\r\n\r\n\u0000Needle\u0001') },
      ]);
      const found = async (text: string) =>
        [...idsOf((await reader.page({ query: queryOf(text), limit: 9 })).calls)].sort();

      expect(await found('dir:out')).toEqual(['s:0']);
      expect(await found('dir:*')).toEqual(['s:0', 's:1']);
      expect(await found('tag:user-*')).toEqual(['s:0', 's:1']);
      expect(await found('header.x-id:abc')).toEqual(['s:0']);
      expect(await found('header.x-id:*')).toEqual(['s:0', 's:1']);
      expect(await found('-host:a.example')).toEqual(['s:1', 's:3']);
      expect(await found('"needle"')).toEqual(['s:2', 's:3']);
      expect(await found('body:needle')).toEqual(['s:2']);
      expect(await found('response.body=Needle')).toEqual(['s:3']);
      reader.close();
    });

    it('finds texts in a body that was compressed or sent in chunks', async () => {
      const { gzipSync, brotliCompressSync } = await import('node:zlib');
      const response = (head: string, body: Buffer) =>
        Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`), body]).toString('base64');
      const reader = await stored([
        { raw_response: response('Content-Encoding: gzip', gzipSync('a hidden needle')) },
        { raw_response: response('content-encoding: br', brotliCompressSync('a hidden needle')) },
        {
          raw_response: response(
            'Transfer-Encoding: chunked',
            Buffer.from('9\r\na hidden \r\n6\r\nneedle\r\n0\r\n\r\n'),
          ),
        },
        { raw_response: response('Content-Encoding: gzip', Buffer.from('a hidden needle')) },
      ]);
      const { calls } = await reader.page({ query: queryOf('"hidden needle"'), limit: 9 });

      expect(idsOf(calls)).toHaveLength(4);
      reader.close();
    });

    it('counts in stretches of time', async () => {
      const reader = await stored(
        [0, 1, 1, 5, 9].map((at) => ({
          timestamp: { seconds: noon + at * hour },
          response_code: at === 1 ? 503 : 200,
        })),
      );
      const { buckets, width } = await reader.histogram({ query: queryOf(''), buckets: 10 });

      expect(width).toBeGreaterThan(0);
      expect(buckets.length).toBeLessThanOrEqual(10);
      expect(buckets[0]?.from).toBe(1e6 * noon);
      expect(buckets.map(({ calls }) => calls).reduce((sum, each) => sum + each)).toBe(5);
      expect(buckets[1]).toMatchObject({ calls: 2, errors: 2 });
      expect(buckets.at(-1)).toMatchObject({ calls: 1, errors: 0 });
      const none = await reader.histogram({ query: queryOf('status:404'), buckets: 10 });
      expect(none.buckets.every(({ calls }) => calls === 0)).toBe(true);
      reader.close();
    });

    it('groups by a field, the most frequent first', async () => {
      const reader = await stored(
        ['GET', 'POST', 'GET', 'PUT', 'GET', 'PUT'].map((method, at) => ({
          method,
          response_code: at === 0 ? 0 : 200,
          latency: { total: 10 * at },
        })),
      );
      const { groups, isCut } = await reader.groups({
        query: queryOf(''),
        by: 'method',
        limit: 2,
      });

      expect(groups).toEqual([
        { value: 'GET', calls: 3, errors: 1, latency: 20 },
        { value: 'PUT', calls: 2, errors: 0, latency: 40 },
      ]);
      expect(isCut).toBe(true);
      reader.close();
    });

    it('gives whole records back', async () => {
      const records = new Map([
        ['s:0', aRecord({ path: '/a' })],
        ['s-1:7', aRecord({ path: '/b' })],
      ]);
      const reader = await harness.store(records);
      const found = await reader.records(['s-1:7', 'none:1', 'nonsense', 's:0']);

      expect([...found.keys()].sort()).toEqual(['s-1:7', 's:0']);
      for (const [id, record] of found)
        expect(Buffer.from(record.bytes).equals(Buffer.from(records.get(id)?.bytes ?? []))).toBe(
          true,
        );
      reader.close();
    });

    it('goes on with what came since', async () => {
      const reader = await stored([{ path: '/a' }, { path: '/b' }]);
      const { at, calls } = await reader.arrivals({ query: queryOf(''), limit: 10 });
      expect(calls).toEqual([]);
      const nothing = await reader.arrivals({ query: queryOf(''), limit: 10, since: at });
      expect([nothing.calls, nothing.at]).toEqual([[], at]);
      const more = new Map(
        ['/c', '/d', '/e'].map((path, index) => [`t:${String(index)}`, aRecord({ path })]),
      );
      const other = await harness.store(more);

      const first = await other.arrivals({ query: queryOf('-path:/d'), limit: 1, since: at });
      const rest = await other.arrivals({ query: queryOf('-path:/d'), limit: 9, since: first.at });
      expect([idsOf(first.calls), idsOf(rest.calls)]).toEqual([['t:0'], ['t:2']]);
      reader.close();
      other.close();
    });

    it('stops where it has looked through as much as it may, says so, and goes on from there', async () => {
      const body = base64(`POST /x HTTP/1.1\r\n\r\n${'y'.repeat(1_000)}`);
      const reader = await stored(
        Array.from({ length: 2_000 }, (_, at) => ({
          timestamp: { seconds: noon + at },
          raw_request: at % 500 === 0 ? base64('POST /x HTTP/1.1\r\n\r\n!?') : body,
        })),
      );
      const found: string[] = [];
      let stops = 0;
      for (let after: string | undefined; ; ) {
        // Too short for an index: every body has to be looked at.
        const page = await reader.page({
          query: queryOf('body:"!?"'),
          limit: 10,
          mostBytes: 300_000,
          ...(after === undefined ? {} : { after }),
        });
        found.push(...idsOf(page.calls));
        stops += page.isStopped ? 1 : 0;
        after = page.next;
        if (after === undefined) break;
      }

      expect(stops).toBeGreaterThan(0);
      expect(found).toEqual(['s:1500', 's:1000', 's:500', 's:0']);
      reader.close();
    });
  });
}
