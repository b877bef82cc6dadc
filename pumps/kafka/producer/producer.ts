import type { ConnectionOptions } from 'node:tls';
import { type Clock, type Failure, type Log, onAbort, untilAborted } from '#pump';
import { Brokers } from './brokers.ts';
import { codeOf, expectNoError, failureOf } from './kafka-error.ts';
import { Numbers } from './numbers.ts';
import type { Outcome } from './outcome.ts';
import type { Partition } from './partition.ts';
import { Sender } from './sender.ts';
import type { ProducerSettings } from './settings.ts';
import { Sockets } from './sockets.ts';
import { Topic } from './topic.ts';
import { Transactions } from './transactions.ts';
import { Turns } from './turns.ts';
import { whileBusy } from './while-busy.ts';
import { type Codec, codecOf } from './wire/codecs.ts';
import type { RecordSet } from './wire/record-set.ts';
import { initProducerId, type ProducerNumber } from './wire/requests.ts';

export { failureOfCode } from './kafka-error.ts';
export type { Outcome } from './outcome.ts';
export { type Partition, partitionOf, takeTurns } from './partition.ts';
export type {
  Compression,
  Login,
  PasswordLogin,
  ProducerSettings,
  TokenLogin,
} from './settings.ts';
export { canCompress, codecOf } from './wire/codecs.ts';
export { idHeader } from './wire/message.ts';
export { readMessages } from './wire/read-messages.ts';
export type { RecordSet } from './wire/record-set.ts';
export { RecordSetWriter } from './wire/record-set-writer.ts';

export interface ProducerParts {
  readonly settings: ProducerSettings;
  readonly tls: ConnectionOptions | undefined;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * The door of this folder: sends messages to one topic, for as long as it is open. The first question connects. Nothing
 * here rejects, and nothing is claimed after an abort.
 *
 * A partition has one request under way at a time, its repeats included: a second one would have to know its place in the
 * numbering before anybody knows whether the first one is stored.
 */
export class Producer {
  readonly #parts: ProducerParts;
  readonly #sockets = new Sockets();
  readonly #brokers: Brokers;
  readonly #topic: Topic;
  readonly #sender: Sender;
  readonly #numbers = new Numbers(() => this.#askForNumber());
  readonly #transactions: Transactions | undefined;
  readonly #turns = new Turns();
  /** One for each call that has no outcome yet. */
  readonly #calls = new Set<AbortController>();
  #codec: Promise<Codec> | undefined;
  #isIdempotent = true;

  constructor(parts: ProducerParts) {
    const { settings, clock } = parts;
    const { topic, transactionalId } = settings;
    const sockets = this.#sockets;
    this.#parts = parts;
    this.#brokers = new Brokers({ ...parts, ...settings, sockets, seeds: settings.brokers });
    this.#topic = new Topic(topic, this.#brokers, clock);
    const codec = (): Promise<Codec> => (this.#codec ??= codecOf(settings.compression));
    this.#sender = new Sender({ settings, topic: this.#topic, codec, clock });
    if (transactionalId !== undefined)
      this.#transactions = new Transactions({
        ...{ transactionalId, topic, clock },
        brokers: this.#brokers,
      });
  }

  /** The topic's partitions. Has the topic made where the broker makes topics by itself. */
  partitions(signal: AbortSignal): Promise<Outcome<readonly Partition[]>> {
    return this.#call((until) => untilAborted(this.#topic.partitions(), until), signal);
  }

  /**
   * Sends messages of one partition. They are stored together or not at all. After a failure their bytes may still be on
   * their way out.
   */
  send(set: RecordSet, signal: AbortSignal): Promise<Outcome<void>> {
    return this.#call((until) => {
      const sending = { numbers: this.#numbers, transactionalId: null, signal: until };
      return this.#turns.take(set.partition, () => this.#sender.store(set, sending), until);
    }, signal);
  }

  /** Sends messages of any partitions as one transaction. */
  transact(sets: readonly RecordSet[], signal: AbortSignal): Promise<Outcome<void>> {
    return this.#call((until) => this.#transact(sets, until), signal);
  }

  /** Asks for the topic. */
  async lookUp(signal: AbortSignal): Promise<Outcome<void>> {
    const found = await this.#call((until) => untilAborted(this.#topic.lookUp(), until), signal);
    if (found.ok || !isAbsence(found.failure)) return found;
    // The broker may make the topic for the first one who wants to write to it.
    const made = await this.partitions(signal);
    return made.ok ? { ok: true, value: undefined } : made;
  }

  /** Cuts whatever is under way. */
  async close(): Promise<void> {
    for (const call of this.#calls) call.abort(new Error('The producer is closed.'));
    await this.#sockets.cut();
  }

  async #transact(sets: readonly RecordSet[], signal: AbortSignal): Promise<void> {
    const transactions = this.#transactions;
    if (transactions === undefined) throw new Error('There is no transactional_id.');
    const partitions = [...new Set(sets.map(({ partition }) => partition))];
    const work = transactions.run(
      partitions,
      async ({ transactionalId, numbers }) => {
        const storing = partitions.map(async (partition) => {
          for (const set of sets)
            if (set.partition === partition)
              await this.#sender.store(set, { numbers, transactionalId, signal });
        });
        // All of them come to an end before the transaction does.
        const [failed] = (await Promise.allSettled(storing)).filter(isRejected);
        if (failed !== undefined) throw failed.reason;
      },
      signal,
    );
    // What was given up is taken back meanwhile.
    await untilAborted(work, signal);
  }

  async #call<T>(
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<Outcome<T>> {
    const call = new AbortController();
    this.#calls.add(call);
    const forget = onAbort(signal, () => call.abort(signal.reason));
    try {
      call.signal.throwIfAborted();
      return { ok: true, value: await work(call.signal) };
    } catch (error) {
      return { ok: false, failure: failureOf(error, call.signal) };
    } finally {
      forget();
      this.#calls.delete(call);
    }
  }

  async #askForNumber(): Promise<ProducerNumber | undefined> {
    if (!this.#isIdempotent) return undefined;
    const { clock, log } = this.#parts;
    const { signal } = this.#sockets;
    try {
      return await whileBusy(
        async () => {
          const broker = await this.#brokers.any();
          const { code, id, epoch } = await broker.send(initProducerId(null, 0));
          expectNoError(code, 'InitProducerId');
          return { id, epoch };
        },
        { clock, signal },
      );
    } catch (error) {
      if (!hasNoNumbers(error)) throw error;
      this.#isIdempotent = false;
      log.warn(
        { reason: failureOf(error, signal).message },
        'The broker gives no numbers to this producer; a lost answer may store messages twice.',
      );
      return undefined;
    }
  }
}

const isRejected = (result: PromiseSettledResult<void>): result is PromiseRejectedResult =>
  result.status === 'rejected';

const isAbsence = ({ message }: Failure): boolean =>
  message.startsWith('UNKNOWN_TOPIC_OR_PARTITION');

/** Brokers before 0.11, and those before 2.8 that allow it to nobody without a right of its own. */
const hasNoNumbers = (error: unknown): boolean =>
  codeOf(error) === 'CLUSTER_AUTHORIZATION_FAILED' || codeOf(error) === 'UNSUPPORTED_VERSION';
