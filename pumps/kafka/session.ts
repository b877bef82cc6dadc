import type { ConnectionOptions } from 'node:tls';
import { type Clock, millis } from '#pump';
import { Brokers } from './brokers.ts';
import { expectNoError, isPassing, isRefusal } from './client-error.ts';
import { type Codec, codecOf } from './codecs.ts';
import type { Partition } from './partition.ts';
import { patiently } from './patience.ts';
import { pack, type RecordSet, seal } from './record-set.ts';
import { initProducerId, type ProducerNumber, produce } from './requests.ts';
import type { Settings } from './settings.ts';
import type { Sockets } from './sockets.ts';
import { Topic } from './topic.ts';
import { Transactions } from './transactions.ts';

export interface SessionParts {
  readonly settings: Settings;
  readonly tls: ConnectionOptions | undefined;
  readonly sockets: Sockets;
  readonly clock: Clock;
  /** Which broker to begin with, counted through the list of them. */
  readonly attempt: number;
  /** The broker gives numbers to producers, by which it recognises what it has stored already. */
  readonly isIdempotent: boolean;
}

/** Before the one repeat: long enough for a partition to get another leader in the usual case. */
const pause = millis(100);
/** Sequences go round. */
const sequences = 2 ** 31;

/**
 * A producer for one topic, with a number of its own. A batch's place in the sequence of its partition is used again for
 * nothing but the same bytes: it moves on when the broker has stored them, and stays when the broker refused them. After
 * any other failure the numbering is in doubt, and the session must be thrown away.
 */
export class Session {
  readonly #parts: SessionParts;
  readonly #codec: Codec;
  readonly #topic: Topic;
  readonly #number: ProducerNumber | undefined;
  readonly #transactions: Transactions | undefined;
  /** The place of the next message, by partition. */
  readonly #next = new Map<number, number>();
  /** Partitions for which something may be stored that the broker has not answered for. */
  readonly #doubtful = new Set<number>();

  private constructor(
    parts: SessionParts,
    codec: Codec,
    brokers: Brokers,
    number: ProducerNumber | undefined,
  ) {
    const { settings, clock, sockets } = parts;
    const { topic, transactionalId } = settings;
    this.#parts = parts;
    this.#codec = codec;
    this.#topic = new Topic(topic, brokers, clock);
    this.#number = number;
    this.#transactions =
      transactionalId === undefined
        ? undefined
        : new Transactions({ transactionalId, topic, brokers, clock, signal: sockets.signal });
  }

  /** Connects, logs in and gets a number. Throws a KafkaError. */
  static async open(parts: SessionParts): Promise<Session> {
    const { settings, attempt, isIdempotent } = parts;
    const { brokers: listed, transactionalId } = settings;
    const codec = await codecOf(settings.compression);
    const first = attempt % listed.length;
    const seeds = [...listed.slice(first), ...listed.slice(0, first)];
    const brokers = new Brokers({ ...parts, ...settings, seeds });
    const broker = await brokers.any();
    // The number of a transaction comes from its coordinator, when the first one begins.
    if (!isIdempotent || transactionalId !== undefined)
      return new Session(parts, codec, brokers, undefined);
    const number = await patiently(
      async () => {
        const { code, id, epoch } = await broker.send(initProducerId(null, 0));
        expectNoError(code, 'InitProducerId');
        return { id, epoch };
      },
      { clock: parts.clock, signal: parts.sockets.signal },
    );
    return new Session(parts, codec, brokers, number);
  }

  /** Something may be stored in the partition that the broker has not answered for. */
  isInDoubt(partition: number): boolean {
    return this.#doubtful.has(partition);
  }

  /** The topic's partitions; asked for again every five minutes. Throws a KafkaError. */
  partitions(): Promise<readonly Partition[]> {
    return this.#topic.partitions();
  }

  /** Fails where the topic is not there or not for us. Creates nothing. */
  lookUp(): Promise<void> {
    return this.#topic.lookUp();
  }

  /** Has the messages stored. One call at a time for a partition. Throws a KafkaError. */
  send(set: RecordSet): Promise<void> {
    return this.#store(set, this.#number, null);
  }

  /** All of the messages, or none for those who read committed messages only. One at a time. */
  async transact(sets: readonly RecordSet[]): Promise<void> {
    const transactions = this.#transactions;
    if (transactions === undefined) throw new Error('The session has no transactional_id.');
    const partitions = [...new Set(sets.map(({ partition }) => partition))];
    await transactions.run(partitions, async (owner) => {
      const storing = partitions.map(async (partition) => {
        for (const set of sets)
          if (set.partition === partition) await this.#store(set, owner, owner.transactionalId);
      });
      // All of them come to an end before the transaction does.
      const [failed] = (await Promise.allSettled(storing)).filter(isRejected);
      if (failed !== undefined) throw failed.reason;
    });
  }

  async #store(
    set: RecordSet,
    number: ProducerNumber | undefined,
    transactionalId: string | null,
  ): Promise<void> {
    const { partition, count } = set;
    const packed = await pack(set, this.#codec);
    const sequence = this.#next.get(partition) ?? 0;
    const isTransactional = transactionalId !== null;
    const { settings, sockets, clock } = this.#parts;
    const { topic, timeout } = settings;
    const batch = seal(packed, { number, sequence, isTransactional });
    const request = produce({ topic, partition, transactionalId, timeout, batch });
    const attempt = async (): Promise<void> => {
      const leader = await this.#topic.leaderOf(partition);
      await leader.quiet(sockets.signal);
      const { code, throttle } = await leader.send(request);
      leader.keepQuiet(throttle);
      expectNoError(code, `Produce, for partition ${partition}`);
    };
    try {
      await attempt();
    } catch (error) {
      if (isRefusal(error)) throw error;
      this.#doubtful.add(partition);
      // Without a number the broker would take the repeat for other messages.
      if (number === undefined || !isPassing(error)) throw error;
      this.#topic.forget();
      await clock.sleep(pause, sockets.signal);
      await attempt();
      this.#doubtful.delete(partition);
    }
    if (number !== undefined) this.#next.set(partition, (sequence + count) % sequences);
  }
}

const isRejected = (result: PromiseSettledResult<void>): result is PromiseRejectedResult =>
  result.status === 'rejected';
