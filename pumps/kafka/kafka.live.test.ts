import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch, Sink, Verdict } from '#pump';
import {
  aBatch,
  aContext,
  aPreparedPump,
  failureOf,
  type SinkHarness,
  sinkContract,
} from '#pump/testing';
import { fetchKafka, type KafkaBroker, startKafka } from '../../test/services/kafka.ts';
import { until, whyUnavailable } from '../../test/services/process.ts';
import { canCompress } from './codecs.ts';
import kafka from './index.ts';
import { Proxy } from './proxy.testing.ts';
import { Topic } from './topic.testing.ts';

const signal = (limit = 20_000): AbortSignal => AbortSignal.timeout(limit);
const outcomes = (verdicts: readonly Verdict[]) => verdicts.map(({ outcome }) => outcome);
const delivered = (count: number) => Array.from({ length: count }, () => 'delivered');
const idsOf = (...batches: readonly Batch[]) =>
  batches.flatMap(({ entries }) => entries.map(({ id }) => String(id))).toSorted();

// Tests that run at once must not share topics.
let names = 0;
const aName = (): string => `calls-${Date.now().toString(36)}-${(names += 1)}`;

const openSink = (meta: object): Promise<Sink> =>
  aPreparedPump(kafka, meta).open(aContext(), signal());

/** Opens a sink, delivers, closes it. */
async function deliver(meta: object, batch: Batch): Promise<readonly Verdict[]> {
  const sink = await openSink(meta);
  try {
    return (await sink.deliver(batch, signal())).verdicts;
  } finally {
    await sink.close(signal());
  }
}

const obstacle = await whyUnavailable(async () => {
  await fetchKafka();
  return { stop: () => Promise.resolve() };
});

describe.skipIf(obstacle !== undefined)('with a broker', () => {
  let broker: KafkaBroker;
  const topics: Topic[] = [];
  const address = (): readonly string[] => [broker.plaintext];

  beforeAll(async () => {
    broker = await startKafka();
  });
  afterAll(async () => {
    await Promise.all(topics.map((topic) => topic.close()));
    await broker.stop();
  });

  async function aTopic(config: Readonly<Record<string, string>> = {}): Promise<Topic> {
    const topic = await Topic.create(broker.plaintext, aName(), config);
    topics.push(topic);
    return topic;
  }

  sinkContract('kafka', async () => aProxiedHarness(broker, await aTopic()));

  it('sends each record as it was, with its id in a header', async () => {
    const topic = await aTopic();
    const batch = aBatch(
      3,
      (at) => ({ path: `/${at}`, alias: 'ünïcode "quoted"', tags: ['a'] }),
      's',
    );

    const verdicts = await deliver({ broker: address(), topic: topic.name }, batch);

    expect(outcomes(verdicts)).toEqual(delivered(3));
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

  it.for(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'sends messages that are compressed with %s',
    async (compression, { skip }) => {
      if (!canCompress(compression)) skip(`Node ${process.version} has no ${compression}`);
      const topic = await aTopic();
      const batch = aBatch(50, { raw_request: 'abc'.repeat(500) });

      const verdicts = await deliver({ broker: address(), topic: topic.name, compression }, batch);

      expect(outcomes(verdicts)).toEqual(delivered(50));
      expect(await topic.ids()).toEqual(idsOf(batch));
    },
  );

  const account = () => ({
    sasl_username: broker.login.username,
    sasl_password: broker.login.password,
  });
  const trusted = () => ({ use_ssl: true, ssl_ca_file: broker.certificates.caFile });
  const certified = () => ({
    ...trusted(),
    ssl_cert_file: broker.certificates.certFile,
    ssl_key_file: broker.certificates.keyFile,
  });

  it.each<[string, () => object]>([
    ['PLAIN', () => ({ broker: [broker.sasl], sasl_mechanism: 'plain', ...account() })],
    ['SCRAM-SHA-256', () => ({ broker: [broker.sasl], sasl_mechanism: 'scram', ...account() })],
    [
      'SCRAM-SHA-512',
      () => ({
        ...{ broker: [broker.sasl], sasl_mechanism: 'SCRAM', sasl_algorithm: 'sha-512' },
        ...account(),
      }),
    ],
    ['TLS', () => ({ broker: [broker.tls], ...trusted() })],
    [
      'TLS to whoever answers',
      () => ({ broker: [broker.tls], use_ssl: true, ssl_insecure_skip_verify: true }),
    ],
    ['a client certificate', () => ({ broker: [broker.mutualTls], ...certified() })],
    [
      'TLS and SCRAM-SHA-512',
      () => ({
        ...{ broker: [broker.saslTls], sasl_mechanism: 'scram', sasl_algorithm: 'SHA-512' },
        ...trusted(),
        ...account(),
      }),
    ],
    [
      'a second broker, when the first one is not there',
      () => ({ broker: ['127.0.0.1:1', broker.plaintext] }),
    ],
  ])('delivers over %s', async (_, meta) => {
    const topic = await aTopic();
    const sink = await openSink({ ...meta(), topic: topic.name });

    const { verdicts } = await sink.deliver(aBatch(1), signal());
    const health = await sink.check(signal());
    await sink.close(signal());

    expect(outcomes(verdicts)).toEqual(['delivered']);
    expect(health).toEqual({ state: 'up' });
  });

  it.each<[string, string, () => object]>([
    [
      'a wrong password',
      'unauthorised',
      () => ({
        ...{ broker: [broker.sasl], sasl_mechanism: 'plain' },
        ...{ sasl_username: 'tester', sasl_password: 'live-wrong' },
      }),
    ],
    [
      'a wrong password, with SCRAM',
      'unauthorised',
      () => ({
        ...{ broker: [broker.sasl], sasl_mechanism: 'scram' },
        ...{ sasl_username: 'tester', sasl_password: 'live-wrong' },
      }),
    ],
    [
      'an authority that is not trusted',
      'unreachable',
      () => ({ broker: [broker.tls], use_ssl: true }),
    ],
    [
      'no client certificate where one is needed',
      'unreachable',
      () => ({ broker: [broker.mutualTls], ...trusted() }),
    ],
    ['no login where one is needed', 'unreachable', () => ({ broker: [broker.sasl] })],
  ])('keeps the records with %s', async (_, kind, meta) => {
    const sink = await openSink({ ...meta(), topic: aName() });

    const { verdicts } = await sink.deliver(aBatch(2), signal());
    const health = await sink.check(signal());
    await sink.close(signal());

    expect(outcomes(verdicts)).toEqual(['retry', 'retry']);
    expect(failureOf(verdicts[0]).kind).toBe(kind);
    expect(health.state).toBe('down');
    expect(JSON.stringify([verdicts, health])).not.toContain('live-wrong');
  });

  it('has the broker make a topic that is not there, and loses nothing meanwhile', async () => {
    const name = aName();
    const sink = await openSink({ broker: address(), topic: name });
    const batch = aBatch(3);

    await until('the topic is there', async () => {
      const { verdicts } = await sink.deliver(batch, signal());
      return verdicts.every(({ outcome }) => outcome === 'delivered');
    });
    const health = await sink.check(signal());
    await sink.close(signal());

    const topic = await Topic.open(broker.plaintext, name);
    topics.push(topic);
    expect(health).toEqual({ state: 'up' });
    expect(await topic.ids()).toEqual(idsOf(batch));
  });

  it('splits what the topic takes only in parts, and rejects what it never takes', async () => {
    const topic = await aTopic({ 'max.message.bytes': '3000' });
    const meta = { broker: address(), topic: topic.name };

    const together = await deliver(meta, aBatch(10));
    const alone = await deliver(meta, aBatch(1));
    const tooLarge = await deliver(meta, aBatch(1, { raw_request: 'x'.repeat(5000) }));

    expect(new Set(outcomes(together))).toEqual(new Set(['retry']));
    expect(failureOf(together[0]).kind).toBe('oversize');
    expect(outcomes(alone)).toEqual(['delivered']);
    expect(outcomes(tooLarge)).toEqual(['reject']);
  });

  it('judges each partition for itself', async () => {
    const topic = await aTopic({ 'max.message.bytes': '3000' });
    const batch = aBatch(4, (at) =>
      at === 0
        ? { org_id: 'a', raw_request: 'x'.repeat(5000) }
        : { org_id: String.fromCharCode(96 + at + 1) },
    );

    const verdicts = await deliver(
      { broker: address(), topic: topic.name, partition_by: 'org_id' },
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
    const topic = await aTopic({ 'cleanup.policy': 'compact' });
    const meta = { broker: address(), topic: topic.name };

    const without = await deliver(meta, aBatch(2));
    const batch = aBatch(2);
    const withKey = await deliver({ ...meta, message_key: 'record' }, batch);

    expect(outcomes(without)).toEqual(['retry', 'retry']);
    expect(failureOf(without[0]).message).toContain('message_key');
    expect(outcomes(withKey)).toEqual(delivered(2));
    expect((await topic.messages()).map(({ key }) => key).toSorted()).toEqual(idsOf(batch));
  });

  it('keeps the records of an API in one partition, in their order', async () => {
    const topic = await aTopic();
    const batch = aBatch(60, (at) => ({ api_id: `api-${at % 7}`, path: `/${at}` }), 's');

    await deliver(
      { broker: address(), topic: topic.name, partition_by: 'api_id', message_key: 'partition' },
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

  it('stores a batch once when its answer is lost', async () => {
    const topic = await aTopic();
    await withProxy(broker, async (proxy) => {
      const sink = await openSink({ ...proxiedMeta(broker), topic: topic.name });
      const batches = [aBatch(5), aBatch(5), aBatch(5)] as const;

      const verdicts = [...(await sink.deliver(batches[0], signal())).verdicts];
      proxy.answersToLose = 1;
      verdicts.push(...(await sink.deliver(batches[1], signal())).verdicts);
      verdicts.push(...(await sink.deliver(batches[2], signal())).verdicts);
      await sink.close(signal());

      expect(outcomes(verdicts)).toEqual(delivered(15));
      expect(await topic.ids()).toEqual(idsOf(...batches));
    });
  });

  it('never takes a batch for a repeat of another one whose answers are all lost', async () => {
    // One partition, or the batches would not meet.
    const topic = await aTopic();
    const sameApi = { api_id: 'api' };
    await withProxy(broker, async (proxy) => {
      const meta = { ...proxiedMeta(broker), topic: topic.name, partition_by: 'api_id' };
      const sink = await openSink(meta);
      const lost = aBatch(5, sameApi);
      const other = aBatch(5, sameApi);

      await sink.deliver(aBatch(5, sameApi), signal());
      proxy.answersToLose = 2;
      const first = (await sink.deliver(lost, signal())).verdicts;
      const second = (await sink.deliver(other, signal())).verdicts;
      const again = (await sink.deliver(lost, signal())).verdicts;
      await sink.close(signal());

      expect(new Set(outcomes(first))).toEqual(new Set(['retry']));
      expect(outcomes([...second, ...again])).toEqual(delivered(10));
      expect(await topic.ids()).toEqual(expect.arrayContaining(idsOf(lost, other)));
    });
  });

  it('shows all of a transaction or nothing', async () => {
    const topic = await aTopic({ 'max.message.bytes': '3000' });
    const meta = {
      ...{ broker: address(), topic: topic.name, transactional_id: topic.name },
      partition_by: 'api_id',
    };
    const apis = (at: number) => ({ api_id: `api-${at}` });
    const good = [aBatch(5, apis), aBatch(6, apis), aBatch(7, apis)] as const;
    const bad = aBatch(5, (at) => ({
      ...apis(at),
      raw_request: at === 4 ? 'x'.repeat(5000) : '',
    }));
    const sink = await openSink(meta);
    const first = aBatch(4, apis);
    await until('the broker keeps transactions', async () => {
      const { verdicts } = await sink.deliver(first, signal());
      return verdicts.every(({ outcome }) => outcome === 'delivered');
    });

    const refused = (await sink.deliver(bad, signal())).verdicts;
    const verdicts: Verdict[] = [];
    for (const batch of good) verdicts.push(...(await sink.deliver(batch, signal())).verdicts);
    await sink.close(signal());

    expect(refused.map((verdict) => failureOf(verdict).kind)).toEqual(
      refused.map(() => 'oversize'),
    );
    expect(outcomes(verdicts)).toEqual(delivered(18));
    const ids = idsOf(first, ...good);
    await topic.follow();
    await until('the good ones are read', () => topic.seen.length >= ids.length);
    expect(topic.seen.map(({ headers }) => headers['sluice-id']).toSorted()).toEqual(ids);
  });

  it('loses nothing when the broker is killed under load and comes back', async () => {
    const topic = await aTopic();
    const sink = await openSink({ broker: address(), topic: topic.name, timeout: 2 });
    const all: Batch[] = [];
    let isBack = false;
    let retries = 0;

    const lane = async (): Promise<void> => {
      for (let after = 0; after < 20; after += isBack ? 1 : 0) {
        const batch = aBatch(20);
        all.push(batch);
        for (;;) {
          const { verdicts } = await sink.deliver(batch, signal(5_000));
          if (verdicts.every(({ outcome }) => outcome === 'delivered')) break;
          retries += 1;
          await delay(50);
        }
      }
    };
    const lanes = Promise.all([lane(), lane(), lane(), lane()]);
    await until('there is load', () => all.length > 40);
    await broker.kill9();
    await delay(500);
    await broker.start();
    isBack = true;
    await lanes;
    await sink.close(signal());

    expect(retries).toBeGreaterThan(0);
    const after = await Topic.open(broker.plaintext, topic.name);
    topics.push(after);
    const stored = new Set(await after.ids());
    expect(idsOf(...all).filter((id) => !stored.has(id))).toEqual([]);
  });
});

describe.skipIf(obstacle !== undefined)('with a broker that allows little', () => {
  let broker: KafkaBroker;

  beforeAll(async () => {
    broker = await startKafka({
      settings: {
        'auto.create.topics.enable': 'false',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        // Who comes without a login; the account of the login has no right at all.
        'super.users': 'User:ANONYMOUS',
      },
    });
  });
  afterAll(() => broker.stop());

  it('waits for a topic that nobody makes, and says so', async () => {
    const name = aName();
    const sink = await openSink({ broker: [broker.plaintext], topic: name });
    const batch = aBatch(2);

    const { verdicts: before } = await sink.deliver(batch, signal());
    const health = await sink.check(signal());
    const topic = await Topic.create(broker.plaintext, name);
    const { verdicts: after } = await sink.deliver(batch, signal());
    await sink.close(signal());
    await topic.close();

    expect(outcomes(before)).toEqual(['retry', 'retry']);
    expect(failureOf(before[0]).message).toMatch(/^UNKNOWN_TOPIC_OR_PARTITION/);
    expect(health.state === 'down' && health.reason).toMatch(/^UNKNOWN_TOPIC_OR_PARTITION/);
    expect(outcomes(after)).toEqual(['delivered', 'delivered']);
  });

  it('waits for the right to write, and says so', async () => {
    const topic = await Topic.create(broker.plaintext, aName());
    const sink = await openSink({
      ...{ broker: [broker.sasl], topic: topic.name, sasl_mechanism: 'plain' },
      ...{ sasl_username: broker.login.username, sasl_password: broker.login.password },
    });
    const batch = aBatch(2);

    const { verdicts: before } = await sink.deliver(batch, signal());
    const health = await sink.check(signal());
    await topic.allowAll(broker.login.username);
    const { verdicts: after } = await sink.deliver(batch, signal());
    await sink.close(signal());
    await topic.close();

    expect(outcomes(before)).toEqual(['retry', 'retry']);
    expect(failureOf(before[0]).kind).toBe('unauthorised');
    expect(health.state === 'down' && health.reason).toMatch(/AUTHORIZATION_FAILED/);
    expect(outcomes(after)).toEqual(['delivered', 'delivered']);
  });
});

it('a real broker is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

const proxiedMeta = ({ proxyPort, login }: KafkaBroker) => ({
  broker: [`127.0.0.1:${proxyPort}`],
  sasl_mechanism: 'plain',
  sasl_username: login.username,
  sasl_password: login.password,
});

async function withProxy(
  broker: KafkaBroker,
  work: (proxy: Proxy) => Promise<void>,
): Promise<void> {
  const proxy = proxyFor(broker);
  await proxy.open();
  try {
    await work(proxy);
  } finally {
    await proxy.close();
  }
}

const proxyFor = ({ proxyPort, proxied }: KafkaBroker): Proxy =>
  new Proxy(proxyPort, Number(proxied.split(':')[1]));

const batchBytes = 200_000;

async function aProxiedHarness(broker: KafkaBroker, topic: Topic): Promise<SinkHarness> {
  const proxy = proxyFor(broker);
  await proxy.open();
  return {
    pump: aPreparedPump(kafka, {
      ...proxiedMeta(broker),
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
