/** What the rules of a route do to its records: what is filtered, what the sink sees, and what a dead letter keeps. */
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { noRules, type RecordRules } from '../config/record-rules.ts';
import { Places } from '../edit/enrich/places.ts';
// Loaded beforehand: the clock of these tests waits for nothing that a route loads when it is opened.
import '../edit/redact-record.ts';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import { bytes } from '../lib/units.ts';
import { Delivery } from '../pump/delivery.ts';
import { delivered, reject } from '../pump/verdict.ts';
import type { RecordFields } from '../record/encode/record-fields.ts';
import { msgpackDecoder } from '../record/msgpack/decoder.ts';
import type { AnalyticsRecord } from '../record/record.ts';
import { aRecord, decodeRecord, encodeRecord } from '../record/testing.ts';
import { RouteBench, said, stopped } from './testing/bench.testing.ts';
import { FakeSink, failure } from './testing/fake-sink.testing.ts';
import { aLetter, aPumpEntry } from './testing/parts.testing.ts';

const secrets: RecordRules['redact'] = {
  ...{ presets: ['secrets'], headers: [], query: [], cookies: [], json: [], forms: [] },
  ...{ patterns: [], fields: [], apiKey: 'keep', ip: 'keep', mode: 'mask', hashKey: undefined },
  ...{ compressed: 'redact', decodedBytes: bytes(1_000_000) },
};

const secret = 's3cr3t-t0ken';
const request = Buffer.from(
  `GET /pets HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${secret}\r\n\r\n`,
).toString('base64');

const routeOf = (rules: Partial<RecordRules>, sink = new FakeSink()) => {
  const log = memoryLog();
  const entry = aPumpEntry({ rules: { ...noRules, ...rules } });
  return { bench: new RouteBench(sink, { entry, log }), log, sink };
};

const recordsOf = (sink: FakeSink): readonly AnalyticsRecord[] =>
  sink.seen.map((seen) => decodeRecord(seen));

async function run(bench: RouteBench, records: readonly RecordFields[]): Promise<void> {
  bench.source.add(records.map((fields) => aRecord(fields)));
  const running = bench.start();
  await bench.clock.advance(5_000);
  await stopped(bench, running);
}

describe('the rules of a route', () => {
  it('leave out what its expression does not select, counted as filtered', async () => {
    const { bench, sink } = routeOf({ filter: 'method:POST' });
    await run(bench, [{ method: 'GET' }, { method: 'POST' }, { method: 'GET' }]);
    expect(recordsOf(sink).map((record) => record.text('method'))).toEqual(['POST']);
    expect([bench.records('filtered'), bench.records('delivered')]).toEqual([2, 1]);
  });

  it('leave out what is not in the sample, and say of the rest for how many it stands', async () => {
    const sample = { rate: 0.25, rules: [], keepsErrors: true, keepSlower: undefined };
    const { bench, sink } = routeOf({ sample });
    const calls = Array.from(
      { length: 400 },
      (_, index): RecordFields => ({
        response_code: index < 10 ? 500 : 200,
      }),
    );
    await run(bench, calls);
    const weights = recordsOf(sink).map((record) => record.float('sample_weight'));
    expect(weights.filter((weight) => weight === 1)).toHaveLength(10);
    const sampled = weights.filter((weight) => weight === 4).length;
    expect(sampled).toBeGreaterThan(50);
    expect(sampled).toBeLessThan(150);
    expect(bench.records('filtered')).toBe(390 - sampled);
  });

  it('redact what the sink sees', async () => {
    const { bench, sink } = routeOf({ redact: secrets });
    await run(bench, [{ raw_request: request }, {}]);
    const texts = recordsOf(sink).map((record) =>
      Buffer.from(record.text('raw_request'), 'base64').toString(),
    );
    expect(texts[0]).toContain('Authorization: ');
    expect(texts.join()).not.toContain(secret);
    expect(bench.metrics.of('sluice_redacted_values_total', 'TEST')).toBeGreaterThan(0);
  });

  it('redact what a dead letter keeps, also where it is stored later', async () => {
    const refuse = new FakeSink((batch) =>
      Promise.resolve(Delivery.each(batch, () => reject(failure('invalid')))),
    );
    for (const failures of [0, 3]) {
      const { bench } = routeOf({ redact: secrets }, refuse);
      bench.letters.failures = failures;
      bench.source.add([aRecord({ raw_request: request })]);
      const running = bench.start();
      await bench.clock.advance(60_000);
      await stopped(bench, running);
      const [letter] = [...bench.letters.letters.values()];
      const kept = decodeRecord(letter?.bytes ?? Buffer.alloc(0));
      expect(Buffer.from(kept.text('raw_request'), 'base64').toString()).not.toContain(secret);
      expect(kept.text('path')).toBe('/pets');
    }
  });

  it('redact a dead letter that is tried again, also one from before there were rules', async () => {
    const sink = new FakeSink((batch) => Promise.resolve(Delivery.whole(batch, delivered())));
    const list = { key: 'analytics-tyk-system-analytics', decoder: msgpackDecoder };
    const entry = aPumpEntry({ rules: { ...noRules, redact: secrets } });
    const bench = new RouteBench(sink, { entry, lists: [list] });
    const kept = encodeRecord({ path: '/pets', raw_request: request });
    bench.letters.asked = [aLetter({ list: list.key, bytes: kept })];
    const running = bench.start();
    await bench.clock.advance(10_000);
    await stopped(bench, running);
    const [sent] = recordsOf(sink);
    expect(sent?.text('path')).toBe('/pets');
    expect(Buffer.from(sent?.text('raw_request') ?? '', 'base64').toString()).toMatch(
      /^GET \/pets HTTP\/1.1\r\nHost: a\r\nAuthorization: Bearer \[redacted\]\r\n/,
    );
  });
});

it('stops while a file that its rules need does not answer', async () => {
  class Silent extends Places {
    override in(): Promise<undefined> {
      return new Promise(() => undefined);
    }
  }
  const enrich = { geoip: 'x', userAgent: false, pathTemplate: false, pathTemplates: [] };
  const places = new Silent({ clock: new FakeClock(), log: memoryLog() });
  const entry = aPumpEntry({ rules: { ...noRules, enrich } });
  const bench = new RouteBench(new FakeSink(), { entry, places });
  const running = bench.start();
  await bench.clock.advance(60_000);
  expect(await stopped(bench, running)).toEqual({ unsettled: 0 });
});

describe('secrets that leave', () => {
  const warning = 'Recorded payloads carry secrets';

  it('are counted and said once, without a value', async () => {
    const { bench, log } = routeOf({});
    const calls = Array.from({ length: 30 }, () => ({ raw_request: request }));
    bench.source.add(calls.map((fields) => aRecord(fields)));
    const running = bench.start();
    await bench.clock.advance(2_000);
    bench.source.add(calls.map((fields) => aRecord(fields)));
    bench.source.add(calls.map((fields) => aRecord(fields)));
    await bench.clock.advance(2_000);
    await stopped(bench, running);
    expect(said(log, warning)).toEqual([expect.objectContaining({ looked: 8, authorization: 8 })]);
    expect(JSON.stringify(log.lines)).not.toContain(secret);
    expect(bench.metrics.of('sluice_secrets_looked_for_total', 'TEST')).toBe(16);
    expect(bench.metrics.of('sluice_secrets_found_total', 'TEST', 'authorization')).toBe(16);
  });

  it.each<[string, RecordRules['redact']]>([
    ['are redacted', secrets],
    ['shall leave', { ...secrets, presets: [] }],
  ])('are not looked for where they %s', async (_, redact) => {
    const { bench, log } = routeOf({ redact });
    await run(bench, [{ raw_request: request }]);
    expect(said(log, warning)).toEqual([]);
    expect(bench.metrics.of('sluice_secrets_looked_for_total', 'TEST')).toBe(0);
  });
});
