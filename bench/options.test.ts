import { describe, expect, it } from 'vitest';
import { cellName, readCount, shortCount, sinkNames } from './cell.ts';
import { UsageError } from './choice.ts';
import { readOptions } from './options.ts';

const cells = (...args: readonly string[]): readonly string[] =>
  readOptions(args).cells.map(cellName);

describe('the command line of the bench', () => {
  it('has every sink in its default choice, and every size, encoding and order of backlog', () => {
    const names = cells();

    for (const word of [...sinkNames, '10KB', 'protobuf', '10k', '100k', '1M'])
      expect(
        names.some((name) => name.split(' ').includes(word)),
        word,
      ).toBe(true);
    expect(new Set(names).size).toBe(names.length);
  });

  it('multiplies what is chosen', () => {
    expect(
      cells('--sink', 'csv,dummy', '--encoding', 'msgpack,protobuf', '--backlog', '10k,1M'),
    ).toHaveLength(8);
    expect(cells('--sink', 'csv', '--size', '10KB')).toEqual(['csv 10KB msgpack 100k']);
  });

  it('puts all lists of the gateway far away', () => {
    expect(cells('--rtt', '0,20')).toEqual([
      ...['csv 1KB both 200k, 0 ms away', 'csv 1KB both 200k, 20 ms away'],
    ]);
    expect(cells('--rtt', '5', '--sink', 'kafka', '--encoding', 'protobuf')).toEqual([
      'kafka 1KB protobuf 200k, 5 ms away',
    ]);
  });

  it('names what a route does with each record', () => {
    expect(cells('--sink', 'csv', '--treatment', 'none,filter')).toEqual([
      ...['csv 1KB msgpack 100k', 'csv 1KB msgpack 100k, filter'],
    ]);
  });

  it('takes any number of other checkouts', () => {
    expect(readOptions([]).against).toEqual([]);
    expect(readOptions(['--against', 'a', '--against', 'b']).against).toEqual(['a', 'b']);
  });

  it.each([
    [['--sink', 'files']],
    [['--backlog', 'many']],
    [['--rounds', '0']],
    [['--rtt', 'near']],
    [['--rtt', '5,-1']],
    [['--treatment', 'magic']],
    [['--latency', '--idle']],
    [['--unknown']],
  ])('refuses %j with a sentence', (args) => {
    expect(() => readOptions(args)).toThrow(UsageError);
  });
});

describe('numbers of records', () => {
  it.each([
    ['10k', 10_000],
    ['1M', 1_000_000],
    ['1.5m', 1_500_000],
    ['250', 250],
    ['0', undefined],
    ['', undefined],
    ['k', undefined],
    ['1.5', undefined],
  ])('%j is %s', (text, count) => {
    expect(readCount(text)).toBe(count);
  });

  it('are written short', () => {
    expect([10_000, 1_000_000, 500].map(shortCount)).toEqual(['10k', '1M', '500']);
  });
});
