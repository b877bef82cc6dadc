import { describe, expect, it } from 'vitest';
import { ByteWriter, millis } from '#pump';
import { aBatch, type BatchOverrides } from '#pump/testing';
import { createEncoder } from './encode.ts';
import { settingsFor } from './testing.ts';

function bodies(meta: object, size: number, records: BatchOverrides = {}) {
  const encode = createEncoder(settingsFor(meta));
  return encode(aBatch(size, records).entries, millis(0), new ByteWriter(8)).map(
    ({ entries, body }) => ({ count: entries.length, text: body.toString('utf8') }),
  );
}

const body = '{"p":"{{path}}"}';
const paths = (index: number) => ({ path: `/${index}` });

describe('records in a request', () => {
  it('are an array, lines, or one', () => {
    expect(bodies({ format: 'json', body }, 2, paths)).toEqual([
      { count: 2, text: '[{"p":"/0"},{"p":"/1"}]' },
    ]);
    expect(bodies({ format: 'ndjson', body }, 2, paths)).toEqual([
      { count: 2, text: '{"p":"/0"}\n{"p":"/1"}\n' },
    ]);
    expect(bodies({ format: 'single', body }, 2, paths)).toEqual([
      { count: 1, text: '{"p":"/0"}' },
      { count: 1, text: '{"p":"/1"}' },
    ]);
  });

  it('are every field on a line, where nothing is said', () => {
    const [only] = bodies({}, 1);

    expect(only?.text).toMatch(/^\{"method":"GET".*\}\n$/);
    expect(JSON.parse(only?.text ?? '')).toMatchObject({ api_id: 'api-pets', mcp_stats: {} });
  });

  it('are at most so many', () => {
    const counts = (format: string) =>
      bodies({ format, body, batch_records: 2 }, 5).map(({ count }) => count);

    expect(counts('json')).toEqual([2, 2, 1]);
    expect(counts('ndjson')).toEqual([2, 2, 1]);
  });

  it.each(['json', 'ndjson'])('have at most so many bytes as %s, but one alone', (format) => {
    const size = (index: number) => ({ path: 'x'.repeat(index === 2 ? 2_000 : 480) });
    const made = bodies({ format, body, batch_bytes: '1KiB' }, 5, size);

    expect(made.map(({ count }) => count)).toEqual([2, 1, 2]);
    for (const { text, count } of made)
      if (count > 1) expect(text.length).toBeLessThanOrEqual(1024);
    if (format === 'json')
      expect(made.flatMap(({ text }) => JSON.parse(text) as unknown[])).toHaveLength(5);
  });
});

describe('streams of Loki', () => {
  const loki = { preset: 'loki', body: '{{path}}', labels: { job: 'tyk', api: '{{api_id}}' } };

  it('have records by label, with their time as a text of nanoseconds', () => {
    const [only] = bodies(loki, 3, (index) => ({
      path: `/"${index}"`,
      api_id: index === 1 ? 'o"ther' : 'pets',
      timestamp: { seconds: 1_710_109_320, nanos: 0 },
    }));

    const { streams } = JSON.parse(only?.text ?? '') as {
      streams: { stream: object; values: [string, string][] }[];
    };
    expect(streams.map(({ stream }) => stream)).toEqual([
      { job: 'tyk', api: 'pets' },
      { job: 'tyk', api: 'o"ther' },
    ]);
    expect(streams.map(({ values }) => values.map(([, line]) => line))).toEqual([
      ['"/\\"0\\""', '"/\\"2\\""'],
      ['"/\\"1\\""'],
    ]);
    for (const [nanos] of streams.flatMap(({ values }) => values))
      expect(nanos).toMatch(/^1710109320000\d{6}$/);
  });

  it('tell calls of the same time and line apart, and are the same at a repeat', () => {
    const encode = createEncoder(settingsFor(loki));
    const batch = aBatch(50);
    const text = () =>
      String(encode(batch.entries, millis(0), new ByteWriter()).map(({ body: one }) => one));
    const times = new Set([...text().matchAll(/\["(\d+)"/g)].map(([, nanos]) => nanos));

    expect(times.size).toBe(50);
    expect(text()).toBe(text());
  });

  it('are cut where they have too many bytes or records', () => {
    const made = bodies({ ...loki, batch_bytes: '1KiB' }, 4, () => ({ path: 'x'.repeat(300) }));

    expect(made.map(({ count }) => count)).toEqual([2, 2]);
    for (const { text } of made) expect(text.length).toBeLessThanOrEqual(1024);
    expect(bodies({ ...loki, batch_records: 3 }, 4).map(({ count }) => count)).toEqual([3, 1]);
  });
});
