import { describe, expect, it } from 'vitest';
import { bytes } from '#pump';
import { aBatch, anEntry, failureOf } from '#pump/testing';
import { messageShape } from './encode.ts';
import { type Encoded, Encoder, type Send } from './messages.ts';
import { readMessages } from './producer/producer.ts';
import { aSettings } from './settings.testing.ts';
import type { Settings } from './settings.ts';

const partitions = [0, 1, 2].map((id) => ({ id, hasLeader: true }));
const encoded = (
  entries: Parameters<Encoder['encode']>[0],
  overrides: Partial<Settings> = {},
): Encoded => new Encoder(aSettings(overrides), messageShape({})).encode(entries, partitions);

const valuesOf = (send: Send | undefined): readonly string[] =>
  send === undefined ? [] : readMessages(send).map(({ value }) => value.toString());
const pathsOf = (sends: readonly Send[]): readonly string[] =>
  sends.flatMap(valuesOf).map((value) => (JSON.parse(value) as { path: string }).path);
const placesOf = (sends: readonly Send[]): readonly number[] =>
  sends.flatMap(({ places }) => places);

describe('a message', () => {
  it.each<[string, Partial<Settings>, string | null]>([
    ['no key', {}, null],
    ['its id', { messageKey: 'record' }, 's:0'],
    ['no key, and a partition', { partitionBy: 'org_id' }, null],
    ['the partition’s', { partitionBy: 'api_id', messageKey: 'partition' }, 'api'],
    ['its id, and a partition', { partitionBy: 'api_key', messageKey: 'record' }, 's:0'],
    ['no key without a partition', { messageKey: 'partition' }, null],
  ])('has %s with %j', (_, overrides, key) => {
    const { entries } = aBatch(1, { api_id: 'api', org_id: 'org', api_key: 'key' }, 's');

    const [send] = encoded(entries, overrides).sends;

    const [message] = send === undefined ? [] : readMessages(send);
    expect(message?.key?.toString() ?? null).toBe(key);
    expect(message?.id).toBe('s:0');
  });
});

it('refuses a record without a date and one that is too large, and keeps the rest', () => {
  const { entries } = aBatch(4, (at) =>
    at === 1
      ? { timestamp: { seconds: 253_402_300_800 } }
      : { path: `/${at}`, ...(at === 2 ? { raw_request: 'x'.repeat(3_000) } : {}) },
  );

  const { sends, refused } = encoded(entries, { batchBytes: bytes(3_000) });

  expect(placesOf(sends)).toEqual([0, 3]);
  expect(pathsOf(sends)).toEqual(['/0', '/3']);
  expect([...refused.keys()]).toEqual([1, 2]);
  expect([...refused.values()].map((verdict) => failureOf(verdict).kind)).toEqual([
    'invalid',
    'oversize',
  ]);
});

it('sends nothing of records that are all refused', () => {
  const { entries } = aBatch(3, { timestamp: { seconds: 253_402_300_800 } });

  expect(encoded(entries)).toMatchObject({ sends: [] });
  expect(encoded(aBatch(2).entries, { batchBytes: bytes(1) })).toMatchObject({ sends: [] });
});

it('keeps what was encoded when the next batch comes, until it is released', () => {
  const encoder = new Encoder(aSettings(), messageShape({}));
  const first = encoder.encode([anEntry({ path: '/first' })], partitions);

  encoder.encode([anEntry({ path: '/other' })], partitions);
  expect(pathsOf(first.sends)).toEqual(['/first']);

  first.release();
  encoder.encode([anEntry({ path: '/third' })], partitions);
  expect(pathsOf(first.sends)).toEqual(['/third']);
});

describe('sets', () => {
  it('keep records without a key together, as far as they fit', () => {
    const { entries } = aBatch(10);
    const [whole, ...others] = encoded(entries).sends;
    const four = encoded(entries.slice(0, 4)).sends[0]?.bytes.length ?? 0;

    const { sends } = encoded(entries, { batchBytes: bytes(four) });

    expect(others).toEqual([]);
    expect(sends.map(({ count }) => count)).toEqual([4, 4, 2]);
    expect(new Set(sends.map(({ partition }) => partition)).size).toBe(3);
    expect(placesOf(sends)).toEqual(entries.map((_, at) => at));
    expect(sends.flatMap(valuesOf)).toEqual(valuesOf(whole));
    expect(sends.every(({ bytes: { length } }) => length <= four)).toBe(true);
  });

  it('keep records of one key in one partition, in their order', () => {
    const { entries } = aBatch(30, (at) => ({ org_id: `org-${at % 5}` }));
    const size = encoded(entries.slice(0, 3)).sends[0]?.bytes.length ?? 0;

    const { sends } = encoded(entries, { partitionBy: 'org_id', batchBytes: bytes(size) });

    const partitionsOf = new Map<number, Set<number>>();
    for (const { partition, places } of sends)
      for (const place of places)
        partitionsOf.set(place % 5, (partitionsOf.get(place % 5) ?? new Set()).add(partition));
    expect([...partitionsOf.values()].map(({ size: count }) => count)).toEqual([1, 1, 1, 1, 1]);
    expect(Math.max(...sends.map(({ count }) => count))).toBe(3);
    for (const { id } of partitions) {
      const there = placesOf(sends.filter(({ partition }) => partition === id));
      expect(there).toEqual(there.toSorted((a, b) => a - b));
    }
    expect(placesOf(sends).toSorted((a, b) => a - b)).toEqual(entries.map((_, at) => at));
  });

  it('go where they went before when they are sent again', () => {
    const { entries } = aBatch(5, (at) => (at === 0 ? { raw_request: 'x'.repeat(5_000) } : {}));
    const settings = { batchBytes: bytes(5_000) };

    const [first] = encoded(entries, settings).sends;
    const [again] = encoded(entries.slice(1), settings).sends;

    expect(again?.partition).toBe(first?.partition);
  });

  it('are not there without records', () => {
    expect(encoded([]).sends).toEqual([]);
  });
});
