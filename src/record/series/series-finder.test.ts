import { describe, expect, it } from 'vitest';
import { elementsOf } from '../../lib/elements.ts';
import { encodeMsgpack } from '../encode/msgpack.ts';
import { msgpackDecoder } from '../msgpack/decoder.ts';
import type { Numbered } from '../write/stretch/documents.ts';
import { openSeriesFinder, type SeriesFinder, type SeriesParts } from './series-finder.ts';

/** Side by side, 9 with each path. */
function entriesOf(paths: readonly string[]): readonly Numbered[] {
  const all = paths.flatMap((path, at) =>
    Array.from({ length: 9 }, () => encodeMsgpack({ path, response_code: 200 + at })),
  );
  const chunk = msgpackDecoder.scan(elementsOf(all));
  return all.map((_, index) => ({ record: chunk.record(index)!, index }));
}

const parts: SeriesParts = {
  sources: [
    { form: 'text', field: 'path' },
    { form: 'integer', field: 'response_code' },
  ],
  metrics: [{ positions: [0] }, { positions: [1, 0] }, { positions: [], only: 'mcp_stats.is_mcp' }],
};

/** The metrics of the misses; the series found have the numbers from `place` on. */
function misses(finder: SeriesFinder, place: number, isPassing = false): readonly number[] {
  const all: number[] = [];
  while (finder.find() < finder.count) {
    all.push(finder.missed);
    finder.found(place + all.length - 1, isPassing);
  }
  return all;
}

describe('a finder of series', () => {
  it('misses each series once, and gives the place of each record', () => {
    const finder = openSeriesFinder(parts)!;
    const entries = entriesOf(['/a', '/b']);

    expect(finder.load(entries, 0)).toBe(18);
    expect(misses(finder, 10)).toEqual([0, 1, 0, 1]);
    const places = [0, 8, 9, 17].map((at) => [0, 1, 2].map((each) => finder.placeOf(at, each)));
    expect(places).toEqual([
      [10, 11, 0],
      [10, 11, 0],
      [12, 13, 0],
      [12, 13, 0],
    ]);

    expect(finder.load(entries, 3)).toBe(15);
    expect(misses(finder, 20)).toEqual([]);
    expect(finder.placeOf(14, 1)).toBe(13);
  });

  it('has the value of an integer at hand, and none of a large or a negative one', () => {
    const sources: SeriesParts['sources'] = [
      { form: 'text', field: 'path' },
      { form: 'integer', field: 'request_time' },
      { form: 'integer', field: 'response_code' },
    ];
    const finder = openSeriesFinder({
      sources,
      metrics: [{ positions: [0] }, { positions: [0] }],
    })!;
    const times = [0, 1, 127, 128, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 40, -1, -70_000];
    const all = times.map((request_time) => encodeMsgpack({ request_time, response_code: 404 }));
    const chunk = msgpackDecoder.scan(elementsOf(all));
    const entries = all.map((_, index) => ({ record: chunk.record(index)!, index }));
    expect(finder.load(entries, 0)).toBe(times.length);
    misses(finder, 10);

    const found = times.map((_, at) => finder.numberOf(at, 1));
    expect(found).toEqual([...times.slice(0, 7), -1, -1, -1, -1]);
    expect(finder.numberOf(3, 2)).toBe(404);
  });

  it('misses again what was passing, what it was told to forget, and all once its numbers are used up', () => {
    const finder = openSeriesFinder({ ...parts, mostNumbers: 2 })!;
    const entries = entriesOf(['/a']);
    finder.load(entries, 0);
    expect(misses(finder, 10, true)).toHaveLength(18);

    finder.load(entries, 0);
    expect(misses(finder, 10)).toEqual([0, 1]);
    finder.forget(1);
    finder.load(entries, 0);
    expect(misses(finder, 10)).toEqual([1]);

    finder.load(entriesOf(['/b', '/c']), 0);
    expect(misses(finder, 10)).toEqual([0, 1, 0, 1]);
    finder.load(entries, 0);
    expect(misses(finder, 10)).toEqual([0, 1]);
  });

  it('takes no records that are too few, or too large', () => {
    const finder = openSeriesFinder(parts)!;
    const entries = entriesOf(['/a', 'x'.repeat(9_000)]);

    expect(finder.load(entries.slice(0, 7), 0)).toBe(-7);
    expect(finder.load(entries, 9)).toBe(-9);
  });
});
