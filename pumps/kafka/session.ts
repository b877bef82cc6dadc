import type { ConnectionOptions } from 'node:tls';
import kafkajs, {
  type Admin,
  type Kafka,
  type KafkaConfig,
  type Message,
  type PartitionMetadata,
  type Producer,
  type ProducerRecord,
  type SASLOptions,
  type Transaction,
} from 'kafkajs';
import type { Log } from '#pump';
import { installCodec } from './codecs.ts';
import type { Partition } from './partition.ts';
import type { Login, Settings } from './settings.ts';
import { readableAddress, type Sockets } from './sockets.ts';

export interface SessionParts {
  readonly settings: Settings;
  readonly tls: ConnectionOptions | undefined;
  readonly sockets: Sockets;
  readonly log: Log;
  /** Which broker to begin with, counted through the list of them. */
  readonly attempt: number;
  /** The broker gives numbers to producers, by which it recognises what it has stored already. */
  readonly isIdempotent: boolean;
}

/** A connected producer for one topic. After a failure it is thrown away, since its numbering is then in doubt. */
export class Session {
  readonly #topic: string;
  readonly #request: Omit<ProducerRecord, 'messages'>;
  readonly #producer: Producer;
  readonly #admin: Admin;
  #metadata: readonly PartitionMetadata[] | undefined;
  #partitions: readonly Partition[] = [];
  #isAdminConnected = false;

  private constructor(
    { settings, isIdempotent }: SessionParts,
    kafka: Kafka,
    compression: ProducerRecord['compression'],
  ) {
    const { topic, timeout, transactionalId } = settings;
    this.#topic = topic;
    this.#request = {
      topic,
      acks: -1,
      timeout,
      ...(compression === undefined ? {} : { compression }),
    };
    this.#admin = kafka.admin();
    this.#producer = kafka.producer({
      createPartitioner: () => (seen) => this.#choose(seen),
      ...(transactionalId === undefined
        ? { idempotent: isIdempotent, retry: isIdempotent ? once : never }
        : // A transaction has a number of its own.
          { transactionalId, retry: patiently }),
    });
  }

  static async open(parts: SessionParts): Promise<Session> {
    const compression = await installCodec(parts.settings.compression);
    const session = new Session(parts, new kafkajs.Kafka(configOf(parts)), compression);
    await session.#connect();
    return session;
  }

  async #connect(): Promise<void> {
    try {
      await this.#producer.connect();
    } catch (error) {
      // For its number the library looks at every topic it may see, and fails when one of them has no leader. With
      // ours alone in sight it does not look again.
      if (!isLeaderless(error)) throw error;
      await this.#learn();
      await this.#producer.connect();
    }
  }

  /** The topic's partitions. Asked for once; then the library looks again every five minutes. */
  async partitions(): Promise<readonly Partition[]> {
    if (this.#partitions.length === 0) await this.#learn();
    return this.#partitions;
  }

  /** Messages that name their partition. */
  async send(messages: readonly Message[]): Promise<void> {
    await this.#producer.send({ ...this.#request, messages: [...messages] });
  }

  /** All of the messages, or none for those who read committed messages only. */
  async transact(messages: readonly Message[]): Promise<void> {
    const transaction: Transaction = await this.#producer.transaction();
    try {
      await transaction.send({ ...this.#request, messages: [...messages] });
      await transaction.commit();
    } catch (error) {
      // So that readers need not wait for its time to be up. Where that fails too, the next session does it.
      await transaction.abort().catch(() => undefined);
      throw error;
    }
  }

  /** Fails where the topic is not there or not for us. Creates nothing. */
  async lookUp(): Promise<void> {
    if (!this.#isAdminConnected) await this.#admin.connect();
    this.#isAdminConnected = true;
    await this.#admin.fetchTopicMetadata({ topics: [this.#topic] });
  }

  /** The library shows its knowledge of a topic only to a partitioner, so one message is begun and never sent. */
  async #learn(): Promise<void> {
    try {
      await this.#producer.send({ ...this.#request, messages: [question] });
    } catch (error) {
      if (error !== learnt) throw error;
    }
  }

  #choose({
    partitionMetadata,
    message,
  }: {
    readonly partitionMetadata: readonly PartitionMetadata[];
    readonly message: Message;
  }): number {
    if (partitionMetadata !== this.#metadata) {
      this.#metadata = partitionMetadata;
      this.#partitions = partitionMetadata
        .map(({ partitionId, leader }) => ({ id: partitionId, hasLeader: leader >= 0 }))
        .toSorted((a, b) => a.id - b.id);
    }
    if (message.partition === undefined) throw learnt;
    return message.partition;
  }
}

const question: Message = { value: null };
const learnt = new Error('The partitions are known; nothing is sent.');

/** The courier tries again, not the library. */
const never = { retries: 0 };
/** Repeats that the broker recognises by their number cost nothing, and the library insists on one. */
const once = { retries: 1, initialRetryTime: 100, factor: 0 };
/** A broker still busy with the end of the last transaction refuses the next one for a moment. */
const patiently = { retries: 6, initialRetryTime: 20, multiplier: 2, factor: 0 };

const isLeaderless = (error: unknown): boolean =>
  error instanceof Error && 'type' in error && error.type === 'LEADER_NOT_AVAILABLE';

function configOf({ settings, tls, sockets, log, attempt }: SessionParts): KafkaConfig {
  const { brokers, clientId, timeout, login } = settings;
  const first = attempt % brokers.length;
  return {
    brokers: [...brokers.slice(first), ...brokers.slice(0, first)].map(readableAddress),
    clientId,
    connectionTimeout: timeout,
    authenticationTimeout: timeout,
    requestTimeout: timeout,
    // Asks each of them once, the next one to begin with next time: one that hangs may use up all the time there is.
    retry: { retries: brokers.length - 1, initialRetryTime: 1, factor: 0 },
    socketFactory: sockets.connect,
    logLevel: kafkajs.logLevel.WARN,
    // Failures are told by verdicts; this is for those who look for the reason behind one.
    logCreator: () => (entry) => {
      const { message } = entry.log;
      log.debug({ part: entry.namespace, said: message }, 'The Kafka client says something.');
    },
    ...(tls === undefined ? {} : { ssl: tls }),
    ...(login === undefined ? {} : { sasl: saslOf(login) }),
  };
}

function saslOf({ mechanism, username, password: secret }: Login): SASLOptions {
  const account = { username, password: secret.reveal() };
  switch (mechanism) {
    case 'plain':
      return { mechanism, ...account };
    case 'scram-sha-256':
      return { mechanism, ...account };
    case 'scram-sha-512':
      return { mechanism, ...account };
  }
  return mechanism satisfies never;
}
