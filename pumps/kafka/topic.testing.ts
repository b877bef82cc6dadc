import kafkajs, { type Admin, type Consumer, type IHeaders } from 'kafkajs';
import { until } from '../../test/services/process.ts';
import { readCompressed } from './producer/decompress.testing.ts';

export interface ReadMessage {
  readonly partition: number;
  readonly key: string | null;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

let groups = 0;

/** A topic of a real broker, read from its beginning by a consumer that sees committed messages only. */
export class Topic {
  readonly name: string;
  readonly #admin: Admin;
  readonly #consumer: Consumer;
  readonly #messages: ReadMessage[] = [];
  /** The next offset of each partition. */
  readonly #read = new Map<number, number>();
  #isFollowed = false;

  private constructor(name: string, broker: string) {
    this.name = name;
    const kafka = new kafkajs.Kafka({
      brokers: [broker],
      clientId: 'test',
      logLevel: kafkajs.logLevel.NOTHING,
    });
    this.#admin = kafka.admin();
    groups += 1;
    this.#consumer = kafka.consumer({
      groupId: `${name}-${groups}`,
      maxWaitTimeInMs: 50,
      allowAutoTopicCreation: false,
    });
  }

  static async create(
    broker: string,
    name: string,
    config: Readonly<Record<string, string>> = {},
  ): Promise<Topic> {
    const topic = new Topic(name, broker);
    await topic.#admin.connect();
    const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
    await topic.#admin.createTopics({ topics: [{ topic: name, numPartitions: 3, configEntries }] });
    return topic;
  }

  /** One that is there already. */
  static async open(broker: string, name: string): Promise<Topic> {
    const topic = new Topic(name, broker);
    await topic.#admin.connect();
    return topic;
  }

  /** Begins to read; the second time it does nothing. */
  async follow(): Promise<void> {
    if (this.#isFollowed) return;
    this.#isFollowed = true;
    readCompressed();
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic: this.name, fromBeginning: true });
    await this.#consumer.run({
      eachBatch: ({ batch }) => {
        for (const { key, value, headers, timestamp } of batch.messages)
          this.#messages.push({
            partition: batch.partition,
            key: key?.toString() ?? null,
            value: value?.toString() ?? '',
            headers: texts(headers ?? {}),
            time: Number(timestamp),
          });
        this.#read.set(batch.partition, Number(batch.lastOffset()) + 1);
        return Promise.resolve();
      },
    });
  }

  /** What was read so far. */
  get seen(): readonly ReadMessage[] {
    return this.#messages;
  }

  /** Gives a user every right to the topic. */
  async allowAll(user: string): Promise<void> {
    await this.#admin.createAcls({
      acl: [
        {
          resourceType: kafkajs.AclResourceTypes.TOPIC,
          resourceName: this.name,
          resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
          principal: `User:${user}`,
          host: '*',
          operation: kafkajs.AclOperationTypes.ALL,
          permissionType: kafkajs.AclPermissionTypes.ALLOW,
        },
      ],
    });
  }

  /** Everything that is in it now. */
  async messages(): Promise<readonly ReadMessage[]> {
    await this.follow();
    const ends = await this.#admin.fetchTopicOffsets(this.name);
    await until(
      `all of ${this.name} was read`,
      () => ends.every(({ partition, high }) => (this.#read.get(partition) ?? 0) >= Number(high)),
      20_000,
    );
    return [...this.#messages];
  }

  async ids(): Promise<readonly string[]> {
    return (await this.messages()).map(({ headers }) => headers['sluice-id'] ?? '').toSorted();
  }

  async close(): Promise<void> {
    await this.#consumer.disconnect();
    await this.#admin.disconnect();
  }
}

const texts = (headers: IHeaders): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
