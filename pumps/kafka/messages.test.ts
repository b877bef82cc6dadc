import { describe, expect, it } from 'vitest';
import { bytes } from '#pump';
import { aBatch, anEntry, failureOf } from '#pump/testing';
import { createEncoder, type Draft } from './messages.ts';
import { planSends } from './plan.ts';
import { batchFrame } from './producer/producer.ts';
import { aSettings } from './settings.testing.ts';
import type { Settings } from './settings.ts';

const valueOf = ({ values, from, to }: Draft): string => values.toString('utf8', from, to);
const partitions = [0, 1, 2].map((id) => ({ id, hasLeader: true }));

describe('a draft', () => {
  it.each<[string, Partial<Settings>, string | null, string | undefined]>([
    ['no key', {}, null, undefined],
    ['its id', { messageKey: 'record' }, 's:0', 's:0'],
    ['no key, and a partition', { partitionBy: 'org_id' }, null, 'org'],
    ['the partition’s', { partitionBy: 'api_id', messageKey: 'partition' }, 'api', 'api'],
    ['its id, and a partition', { partitionBy: 'api_key', messageKey: 'record' }, 's:0', 'key'],
    ['no key without a partition', { messageKey: 'partition' }, null, undefined],
  ])('has %s with %j', (_, overrides, key, partitionKey) => {
    const { entries } = aBatch(1, { api_id: 'api', org_id: 'org', api_key: 'key' }, 's');

    const [draft] = createEncoder(aSettings(overrides))(entries).drafts;

    expect(draft?.key?.toString() ?? null).toBe(key);
    expect(draft?.partitionKey?.toString()).toBe(partitionKey);
  });
});

it('refuses a record without a date and one that is too large, and keeps the rest', () => {
  const { entries } = aBatch(4, (at) =>
    at === 1
      ? { timestamp: { seconds: 253_402_300_800 } }
      : { path: `/${at}`, ...(at === 2 ? { raw_request: 'x'.repeat(3_000) } : {}) },
  );

  const { drafts, refused } = createEncoder(aSettings({ batchBytes: bytes(3_000) }))(entries);

  expect(drafts.map(({ entry }) => entry)).toEqual([entries[0], entries[3]]);
  expect(drafts.map((draft) => (JSON.parse(valueOf(draft)) as { path: string }).path)).toEqual([
    '/0',
    '/3',
  ]);
  expect([...refused.keys()]).toEqual([entries[1], entries[2]]);
  expect([...refused.values()].map((verdict) => failureOf(verdict).kind)).toEqual([
    'invalid',
    'oversize',
  ]);
});

it('keeps what was encoded when the next batch comes', () => {
  const encode = createEncoder(aSettings());
  const [first] = encode([anEntry({ path: '/first' })]).drafts;

  encode([anEntry({ path: '/other' })]);

  expect(first === undefined ? '' : valueOf(first)).toContain('"path":"/first"');
});

describe('a plan', () => {
  it('keeps records without a key together, as far as they fit', () => {
    const { drafts } = createEncoder(aSettings())(aBatch(10).entries);
    const size = drafts[0]?.size ?? 0;

    const whole = planSends(drafts, partitions, 1024 ** 2);
    const parts = planSends(drafts, partitions, batchFrame + 4 * size);

    expect(whole).toHaveLength(1);
    expect(parts.map((send) => send.messages.length)).toEqual([4, 4, 2]);
    expect(new Set(parts.map(({ partition }) => partition)).size).toBe(3);
    expect(parts.flatMap((send) => send.messages)).toEqual(drafts);
  });

  it('keeps records of one key in one partition, in their order', () => {
    const { entries } = aBatch(30, (at) => ({ org_id: `org-${at % 5}` }));
    const { drafts } = createEncoder(aSettings({ partitionBy: 'org_id' }))(entries);
    const size = drafts[0]?.size ?? 0;

    const sends = planSends(drafts, partitions, batchFrame + 3 * size);

    const places = new Map<string | undefined, Set<number>>();
    for (const { partition, messages: together } of sends)
      for (const { partitionKey } of together) {
        const key = partitionKey?.toString();
        places.set(key, (places.get(key) ?? new Set()).add(partition));
      }
    expect([...places.values()].map((place) => place.size)).toEqual([1, 1, 1, 1, 1]);
    expect(Math.max(...sends.map((send) => send.messages.length))).toBe(3);
    for (const partition of [0, 1, 2]) {
      const there = sends
        .filter((send) => send.partition === partition)
        .flatMap((send) => send.messages);
      expect(there).toEqual(drafts.filter((draft) => there.includes(draft)));
    }
  });

  it('does not cut a single draft, and has nothing to do without any', () => {
    const { drafts } = createEncoder(aSettings())(aBatch(2).entries);

    expect(planSends(drafts, partitions, 1)).toHaveLength(2);
    expect(planSends([], partitions, 1)).toEqual([]);
  });
});
