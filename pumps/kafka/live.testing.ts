import { afterAll, beforeAll } from 'vitest';
import type { Batch, Sink, Verdict } from '#pump';
import { aContext, aPreparedPump, deliverOnce } from '#pump/testing';
import {
  type KafkaBroker,
  type KafkaOptions,
  needKafka,
  startKafka,
} from '../../test/services/kafka.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import kafka from './index.ts';
import { Proxy } from './proxy.testing.ts';
import { Topic } from './topic.testing.ts';

/** Why there is no real broker here; undefined: there is one. */
export const obstacle = await whyUnavailable(needKafka);

export const signal = (limit = 20_000): AbortSignal => AbortSignal.timeout(limit);
export const delivered = (count: number) => Array.from({ length: count }, () => 'delivered');
export const idsOf = (...batches: readonly Batch[]) =>
  batches.flatMap(({ entries }) => entries.map(({ id }) => String(id))).toSorted();

// Tests that run at once must not share topics.
let names = 0;
export const aName = (): string => `calls-${Date.now().toString(36)}-${(names += 1)}`;

export const openSink = (meta: object): Promise<Sink> =>
  aPreparedPump(kafka, meta).open(aContext(), signal());

export const deliver = (meta: object, batch: Batch): Promise<readonly Verdict[]> =>
  deliverOnce(aPreparedPump(kafka, meta), batch);

/** What speaks to the brokers. */
export const clients = ['own', 'kafkajs'] as const;
type ClientName = (typeof clients)[number];

export interface Live {
  broker(): KafkaBroker;
  /** Options for this topic, without TLS and login. */
  plainMeta(topic: string): object;
  /** Options that lead to where a proxy may stand. */
  proxiedMeta(): object;
  /** To be closed in the end. */
  keep(topic: Topic): Topic;
  aTopic(config?: Readonly<Record<string, string>>): Promise<Topic>;
}

/** A broker for the tests of a file. */
export function aLiveBroker({
  client = 'own',
  ...options
}: KafkaOptions & { readonly client?: ClientName } = {}): Live {
  const topics: Topic[] = [];
  let started: KafkaBroker | undefined;
  const broker = (): KafkaBroker => {
    if (started === undefined) throw new Error('The broker is not there yet.');
    return started;
  };
  const keep = (topic: Topic): Topic => {
    topics.push(topic);
    return topic;
  };
  beforeAll(async () => {
    started = await startKafka(options);
  });
  afterAll(async () => {
    await Promise.all(topics.map((topic) => topic.close()));
    await started?.stop();
  });
  return {
    broker,
    plainMeta: (topic) => ({ broker: [broker().plaintext], topic, client }),
    proxiedMeta: () => ({
      ...{ broker: [`127.0.0.1:${broker().proxyPort}`], client, sasl_mechanism: 'plain' },
      ...accountOf(broker().login),
    }),
    keep,
    aTopic: async (config = {}) => keep(await Topic.create(broker().plaintext, aName(), config)),
  };
}

export const accountOf = ({ username, password }: KafkaBroker['login']) => ({
  sasl_username: username,
  sasl_password: password,
});

export const proxyFor = ({ proxyPort, proxied }: KafkaBroker): Proxy =>
  new Proxy(proxyPort, Number(proxied.split(':')[1]));
