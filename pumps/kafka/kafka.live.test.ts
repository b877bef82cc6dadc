import * as vitest from 'vitest';
import { describe, expect, it } from 'vitest';
import {
  aBatch,
  aPreparedPump,
  failureOf,
  outcomesOf,
  type SinkHarness,
  sinkContract,
} from '#pump/testing';
import { until } from '../../test/services/process.ts';
import kafka from './index.ts';
import {
  aLiveBroker,
  aName,
  clients,
  deliver,
  delivered,
  idsOf,
  type Live,
  obstacle,
  openSink,
  proxyFor,
  signal,
} from './live.testing.ts';
import { canCompress, partitionOf } from './producer/producer.ts';
import { Topic } from './topic.testing.ts';

describe.skipIf(obstacle !== undefined).each(clients)('with a broker, client %s', (client) => {
  const live = aLiveBroker({ client });

  sinkContract(vitest, 'kafka', async () => aProxiedHarness(live, await live.aTopic()));

  it('sends each record as it was, with its id in a header', async () => {
    const topic = await live.aTopic();
    const batch = aBatch(
      3,
      (at) => ({ path: `/${at}`, alias: 'ünïcode "quoted"', tags: ['a'] }),
      's',
    );

    const verdicts = await deliver(live.plainMeta(topic.name), batch);

    expect(outcomesOf(verdicts)).toEqual(delivered(3));
    const messages = await topic.messages();
    expect(await topic.ids()).toEqual(['s:0', 's:1', 's:2']);
    expect(messages.map(({ key }) => key)).toEqual([null, null, null]);
    expect(JSON.parse(messages[1]?.value ?? '')).toMatchObject({
      path: '/1',
      alias: 'ünïcode "quoted"',
      tags: ['a'],
      response_code: 200,
    });
  });

  it.for(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'stores what it was given, with compression %s',
    async (compression, { skip }) => {
      if (!canCompress(compression)) skip(`Node ${process.version} has no ${compression}`);
      const topic = await live.aTopic();
      const batch = aBatch(50, (at) => ({
        ...{ api_id: `api-${at % 7}`, path: `/${at}`, raw_request: 'abc'.repeat(at * 20) },
      }));
      const meta = { partition_by: 'api_id', message_key: 'record', compression };
      const before = Date.now();

      const verdicts = await deliver({ ...live.plainMeta(topic.name), ...meta }, batch);

      expect(outcomesOf(verdicts)).toEqual(delivered(50));
      const stored = new Map((await topic.messages()).map((message) => [message.key, message]));
      const partitions = [0, 1, 2].map((id) => ({ id, hasLeader: true }));
      expect(stored.size).toBe(50);
      for (const [at, { id }] of batch.entries.entries()) {
        const message = stored.get(id);
        const apiId = `api-${at % 7}`;
        expect(message?.headers).toEqual({ 'sluice-id': id });
        expect(message?.partition).toBe(partitionOf(Buffer.from(apiId), partitions));
        expect(message?.time).toBeGreaterThanOrEqual(before);
        expect(message?.time).toBeLessThanOrEqual(Date.now());
        expect(JSON.parse(message?.value ?? '')).toMatchObject({
          ...{ api_id: apiId, path: `/${at}`, raw_request: 'abc'.repeat(at * 20) },
        });
      }
    },
  );

  it('has the broker make a topic that is not there, and loses nothing meanwhile', async () => {
    const name = aName();
    const sink = await openSink(live.plainMeta(name));
    const batch = aBatch(3);

    await until('the topic is there', async () => {
      const { verdicts } = await sink.deliver(batch, signal());
      return verdicts.every(({ outcome }) => outcome === 'delivered');
    });
    const health = await sink.check(signal());
    await sink.close(signal());

    const topic = await Topic.open(live.broker().plaintext, name);
    live.keep(topic);
    expect(health).toEqual({ state: 'up' });
    expect(await topic.ids()).toEqual(idsOf(batch));
  });

  it('splits what the topic takes only in parts, and rejects what it never takes', async () => {
    const topic = await live.aTopic({ 'max.message.bytes': '3000' });
    const meta = live.plainMeta(topic.name);

    const together = await deliver(meta, aBatch(10));
    const alone = await deliver(meta, aBatch(1));
    const tooLarge = await deliver(meta, aBatch(1, { raw_request: 'x'.repeat(5000) }));

    expect(new Set(outcomesOf(together))).toEqual(new Set(['retry']));
    expect(failureOf(together[0]).kind).toBe('oversize');
    expect(outcomesOf(alone)).toEqual(['delivered']);
    expect(outcomesOf(tooLarge)).toEqual(['reject']);
  });

  it('judges each partition for itself', async () => {
    const topic = await live.aTopic({ 'max.message.bytes': '3000' });
    const batch = aBatch(4, (at) =>
      at === 0
        ? { org_id: 'a', raw_request: 'x'.repeat(5000) }
        : { org_id: String.fromCharCode(96 + at + 1) },
    );

    const verdicts = await deliver(
      { ...live.plainMeta(topic.name), partition_by: 'org_id' },
      batch,
    );

    expect(verdicts[0]?.outcome).not.toBe('delivered');
    const stored = await topic.ids();
    expect(stored.length).toBeGreaterThan(0);
    expect(stored).toEqual(
      batch.entries
        .filter((_, at) => verdicts[at]?.outcome === 'delivered')
        .map(({ id }) => String(id)),
    );
  });

  it('tells that a compacted topic needs a key', async () => {
    const topic = await live.aTopic({ 'cleanup.policy': 'compact' });
    const meta = live.plainMeta(topic.name);

    const without = await deliver(meta, aBatch(2));
    const batch = aBatch(2);
    const withKey = await deliver({ ...meta, message_key: 'record' }, batch);

    expect(outcomesOf(without)).toEqual(['retry', 'retry']);
    expect(failureOf(without[0]).message).toContain('message_key');
    expect(outcomesOf(withKey)).toEqual(delivered(2));
    expect((await topic.messages()).map(({ key }) => key).toSorted()).toEqual(idsOf(batch));
  });

  it('keeps the records of an API in one partition, in their order', async () => {
    const topic = await live.aTopic();
    const batch = aBatch(60, (at) => ({ api_id: `api-${at % 7}`, path: `/${at}` }), 's');

    await deliver(
      {
        ...live.plainMeta(topic.name),
        partition_by: 'api_id',
        message_key: 'partition',
      },
      batch,
    );

    const messages = await topic.messages();
    const partitions = new Map<string | null, Set<number>>();
    const order = new Map<string | null, number[]>();
    for (const { key, partition, headers } of messages) {
      partitions.set(key, (partitions.get(key) ?? new Set()).add(partition));
      order.set(key, [...(order.get(key) ?? []), Number(headers['sluice-id']?.slice(2))]);
    }
    expect([...partitions.values()].map(({ size }) => size)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(new Set(messages.map(({ partition }) => partition)).size).toBeGreaterThan(1);
    for (const ids of order.values()) expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });
});

it('a real broker is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

const batchBytes = 200_000;

async function aProxiedHarness(live: Live, topic: Topic): Promise<SinkHarness> {
  const broker = live.broker();
  const proxy = proxyFor(broker);
  await proxy.open();
  return {
    pump: aPreparedPump(kafka, {
      ...live.proxiedMeta(),
      topic: topic.name,
      batch_bytes: batchBytes,
    }),
    secrets: [broker.login.password],
    poison: { raw_request: 'x'.repeat(batchBytes) },
    received: async () => (await topic.messages()).map(({ value }) => value),
    break: () => proxy.close(),
    restore: () => proxy.open(),
    stall: () => proxy.stall(),
    stop: () => proxy.close(),
  };
}
