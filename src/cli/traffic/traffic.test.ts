import { describe, expect, it } from 'vitest';
import { millis } from '../../lib/units.ts';
import { decoders } from '../../record/decoders.ts';
import { encodeMsgpack } from '../../record/encode/msgpack.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { Chance } from './chance.ts';
import { type ElementOptions, elementsOf } from './elements.ts';
import { recordAt } from './traffic.ts';

const firstAt = millis(Date.UTC(2026, 0, 31, 23, 59, 59, 900));

const options = (overrides: Partial<ElementOptions> = {}): ElementOptions => ({
  seed: 1,
  size: 0,
  firstAt,
  interval: 5,
  encoding: 'msgpack',
  lists: 'all',
  undecodable: 0,
  keyPrefix: 'analytics-',
  ...overrides,
});

const indexes = (number: number) => Array.from({ length: number }, (_, index) => index);

function decoded(lists: ReturnType<ReturnType<typeof elementsOf>>) {
  const records: AnalyticsRecord[] = [];
  let undecodable = 0;
  for (const { list, elements } of lists) {
    const name = list.endsWith('_protobuf') ? 'protobuf' : 'msgpack';
    const chunk = decoders.find((decoder) => decoder.name === name)!.decode(elements);
    undecodable += chunk.undecodable.length;
    for (const index of elements.keys()) {
      const record = chunk.record(index);
      if (record !== undefined) records.push(record);
    }
  }
  return { records, undecodable };
}

describe('the synthetic traffic', () => {
  it('is the same for the same seed, whatever the order of asking', () => {
    const forwards = indexes(50).map((index) => recordAt(index, options()));
    const backwards = indexes(50)
      .reverse()
      .map((index) => recordAt(index, options()));
    expect(backwards.reverse()).toEqual(forwards);
  });

  it('differs between seeds', () => {
    expect(recordAt(0, options({ seed: 2 }))).not.toEqual(recordAt(0, options()));
  });

  it('carries its date in the fields of the gateway', () => {
    const { day, month, year, hour, timestamp } = recordAt(20, options());
    expect({ day, month, year, hour }).toEqual({ day: 1, month: 2, year: 2026, hour: 0 });
    expect(timestamp?.seconds).toBe(Date.UTC(2026, 1, 1) / 1_000);
  });

  it('holds HTTP messages', () => {
    const { raw_request: request, raw_response: response } = recordAt(0, options());
    expect(Buffer.from(String(request), 'base64').toString()).toMatch(
      /^[A-Z]+ \/\S+ HTTP\/1\.1\r\n/,
    );
    const [head = '', body = ''] = Buffer.from(String(response), 'base64')
      .toString()
      .split('\r\n\r\n');
    expect(head).toContain(`Content-Length: ${body.length}`);
    expect(() => void JSON.parse(body)).not.toThrow();
  });

  it.each([2_000, 10_000, 100_000])('reaches a size of %d bytes, about', (size) => {
    const sizes = indexes(200).map(
      (index) => encodeMsgpack(recordAt(index, options({ size }))).length,
    );
    const ordered = sizes.sort((a, b) => a - b);
    expect(ordered[100]! / size).toBeGreaterThan(0.85);
    expect(ordered[199]! / size).toBeLessThan(1.15);
  });

  it('has GraphQL and MCP calls, errors and places in it', () => {
    const records = indexes(500).map((index) => recordAt(index, options()));
    expect(records.some(({ graphql_stats: graph }) => graph?.IsGraphQL)).toBe(true);
    expect(records.some(({ mcp_stats: mcp }) => mcp?.is_mcp)).toBe(true);
    expect(records.some(({ response_code: code }) => Number(code) >= 500)).toBe(true);
    expect(records.some(({ geo }) => geo?.country?.iso_code === 'BR')).toBe(true);
  });
});

describe('the elements', () => {
  it.each(['msgpack', 'protobuf', 'mixed'] as const)('of %s decode to the records', (encoding) => {
    const { records, undecodable } = decoded(elementsOf(options({ encoding }))(0, 300));
    const [key] = records.map((record) => record.text('api_key'));
    expect([records.length, undecodable]).toEqual([300, 0]);
    expect(key).toHaveLength(24 + 32);
  });

  it('are the same bytes in one portion or several', () => {
    const make = elementsOf(options({ encoding: 'mixed', undecodable: 0.1 }));
    const of = (parts: ReturnType<typeof make>, name: string) =>
      parts.filter(({ list }) => list === name).flatMap(({ elements }) => elements);
    const whole = make(0, 100);
    const parts = [...make(0, 30), ...make(30, 70)];
    for (const { list, elements } of whole) expect(of(parts, list)).toEqual(elements);
  });

  it('hold the share that is no record, in both encodings', () => {
    const make = elementsOf(options({ encoding: 'mixed', undecodable: 0.2 }));
    const { records, undecodable } = decoded(make(0, 2_000));
    expect(records.length + undecodable).toBe(2_000);
    expect(undecodable / 2_000).toBeCloseTo(0.2, 1);
  });

  it.each([
    ['all', 'msgpack', 11, true],
    ['one', 'msgpack', 1, true],
    ['split', 'msgpack', 10, false],
    ['all', 'mixed', 22, true],
    ['one', 'mixed', 2, true],
  ] as const)('go to the lists asked for (%s, %s)', (lists, encoding, number, hasBase) => {
    const names = elementsOf(options({ lists, encoding }))(0, 500).map(({ list }) => list);
    expect(names).toHaveLength(number);
    expect(names.includes('analytics-tyk-system-analytics')).toBe(hasBase);
  });
});

describe('chance', () => {
  it('is even', () => {
    const chance = new Chance(1, 1);
    const counts = [0, 0, 0, 0];
    for (let draw = 0; draw < 4_000; draw++) counts[chance.below(4)]! += 1;
    for (const count of counts) expect(count / 1_000).toBeCloseTo(1, 0);
  });

  it('gives neighbouring streams different draws', () => {
    const first = new Set(indexes(1_000).map((stream) => new Chance(7, stream).bits()));
    expect(first.size).toBe(1_000);
  });
});
