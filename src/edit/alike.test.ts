import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noRules, type RecordRules } from '../config/record-rules.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { Secret } from '../lib/secret.ts';
import { bytes } from '../lib/units.ts';
import { mutate, mutation } from '../record/arbitrary.testing.ts';
import { ChunkMemo } from '../record/chunk-memo.ts';
import { msgpackDecoder } from '../record/msgpack/decoder.ts';
import type { AnalyticsRecord } from '../record/record.ts';
import { aRecord, encodeRecord } from '../record/testing.ts';
import { Alike } from './alike.ts';
import { Places } from './enrich/places.ts';
import { secretSamples } from './redact/corpus.testing.ts';
import { openTreatment } from './treatment.ts';

const redact: NonNullable<RecordRules['redact']> = {
  presets: ['secrets', 'cards', 'email'],
  ...{ headers: [], query: [], cookies: [], json: [], forms: [], patterns: [], fields: [] },
  ...{ apiKey: 'keep', ip: 'truncate', mode: 'mask', hashKey: undefined, compressed: 'redact' },
  decodedBytes: bytes(1_000_000),
};
const enrich = { geoip: '', userAgent: true, pathTemplate: true, pathTemplates: [] };
const rules: RecordRules = { ...noRules, redact, enrich };

interface Parts {
  readonly rules?: RecordRules;
  readonly ignoreFields?: readonly string[];
}

/** A route, and what it counted. */
async function aRoute(route: string, alike: Alike, parts: Parts = {}) {
  const news: (number | string)[] = [];
  const treatment = await openTreatment({
    route,
    records: 'analytics',
    rules: parts.rules ?? rules,
    edits: {
      ...{ omitDetailedRecording: false, maxRecordSize: 0 },
      ...{ ignoreFields: parts.ignoreFields ?? [] },
      ...{ rawRequestDecoded: false, rawResponseDecoded: false },
    },
    places: new Places({ clock: systemClock, log: silentLog }),
    alike,
    news: {
      redacted: (values) => news.push(values),
      redactedWhole: (reason) => news.push(reason),
    },
  });
  return { ...treatment, news };
}

const secret = aRecord({ raw_path: '/pets?token=s3cr3t-t0ken', ip_address: '192.0.2.7' });
const aMemo = (): ChunkMemo => new ChunkMemo(() => undefined);

describe('routes that alter records alike', () => {
  it('send what one of them has made, and each counts it', async () => {
    const alike = new Alike();
    const [first, second] = [await aRoute('A', alike), await aRoute('B', alike)];
    const memo = aMemo();

    const made = first.editIn(memo)?.(secret, 0);
    const found = second.editIn(memo)?.(secret, 0);

    expect(made?.text('raw_path')).toBe('/pets?token=[redacted]');
    expect(found).toBe(made);
    expect(first.news).toEqual([expect.any(Number)]);
    expect(second.news).toEqual(first.news);
  });

  it('each have their own edits that leave no trace in the bytes', async () => {
    const alike = new Alike();
    const first = await aRoute('A', alike);
    const second = await aRoute('B', alike, { ignoreFields: ['path'] });
    const memo = aMemo();

    expect(first.editIn(memo)?.(secret, 0).text('path')).toBe('/pets');
    expect(second.editIn(memo)?.(secret, 0).text('path')).toBe('');
  });

  it('are none where there is one, also one that was opened again', async () => {
    const alike = new Alike();
    await aRoute('A', alike);

    expect((await aRoute('A', alike)).editIn(aMemo())).toBeUndefined();
  });

  const hashed = (key: string): RecordRules => ({
    ...noRules,
    redact: { ...redact, mode: 'hash', hashKey: new Secret(key) },
  });
  it.each<[string, Parts, Parts]>([
    ['rules', {}, { rules: { ...rules, redact: { ...redact, presets: ['secrets'] } } }],
    ['keys', { rules: hashed('a key of 16 signs') }, { rules: hashed('b key of 16 signs') }],
    ['payloads', {}, { ignoreFields: ['raw_request'] }],
  ])('are none with other %s', async (_, one, other) => {
    const alike = new Alike();
    const first = await aRoute('A', alike, one);
    await aRoute('B', alike, other);

    expect(first.editIn(aMemo())).toBeUndefined();
  });

  it('are none with a sample, which says in each record how many it stands for', async () => {
    const sample = { rate: 0.5, rules: [], keepsErrors: true, keepSlower: undefined };
    const alike = new Alike();
    const first = await aRoute('A', alike, { rules: { ...rules, sample } });
    await aRoute('B', alike, { rules: { ...rules, sample } });

    expect(first.editIn(aMemo())).toBeUndefined();
  });

  it('send byte for byte what each of them would make alone, whichever records they take', async () => {
    const alike = new Alike();
    const routes = [await aRoute('A', alike), await aRoute('B', alike), await aRoute('C', alike)];
    const alone = await aRoute('D', new Alike());
    const samples = secretSamples().map(({ fields }) => encodeRecord(fields));
    const elements = fc.oneof(
      fc.constantFrom(...samples),
      fc
        .record({ path: fc.string(), raw_path: fc.webUrl({ withQueryParameters: true }) })
        .map((fields) => encodeRecord(fields)),
      fc
        .tuple(fc.constantFrom(...samples), fc.array(mutation, { maxLength: 3 }))
        .map(([bytes, changes]) => mutate(bytes, changes)),
    );
    const bytesOf = (record: AnalyticsRecord) => Buffer.from(record.bytes).toString('latin1');

    fc.assert(
      fc.property(
        fc.array(elements, { minLength: 1, maxLength: 6 }),
        fc.array(fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), {
          minLength: 3,
          maxLength: 3,
        }),
        (chunkElements, taken) => {
          const chunk = msgpackDecoder.decode(chunkElements);
          const memo = aMemo();
          for (const [at, route] of routes.entries()) {
            const editIn = route.editIn(memo);
            for (let index = 0; index < chunk.size; index++) {
              const record = chunk.record(index);
              if (record === undefined || taken[at]?.[index] !== true) continue;
              route.news.length = 0;
              alone.news.length = 0;
              const expected = alone.edit?.(record);
              expect(editIn && bytesOf(editIn(record, index))).toBe(expected && bytesOf(expected));
              expect(route.news).toEqual(alone.news);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

it('tells how much it holds', () => {
  const grown: number[] = [];
  const memo = new ChunkMemo((more) => grown.push(more));
  const altered = { record: secret, redacted: 1, whole: undefined };

  memo.of('rules', 3, () => altered);
  memo.of('rules', 3, () => altered);
  memo.of('rules', 4, () => ({ ...altered, record: undefined }));
  memo.of('others', 3, () => altered);

  expect(grown).toHaveLength(2);
  expect(Math.min(...grown)).toBeGreaterThan(secret.size);
});
