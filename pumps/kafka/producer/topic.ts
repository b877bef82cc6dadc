import { type Clock, seconds } from '#pump';
import type { Brokers } from './brokers.ts';
import type { Connection } from './connection.ts';
import { expectNoError, refusal } from './kafka-error.ts';
import type { Partition } from './partition.ts';
import { metadata } from './wire/requests.ts';

interface View {
  readonly partitions: readonly Partition[];
  /** Where to send messages of a partition. */
  readonly leaders: ReadonlyMap<number, string>;
  readonly readAt: number;
}

/** Partitions may have been added; those that moved are noticed at once. */
const oldest = seconds(300);
const leaderNotAvailable = 5;

/** What is known of the topic: its partitions, and who takes messages for each. */
export class Topic {
  readonly #name: string;
  readonly #brokers: Brokers;
  readonly #clock: Clock;
  #view: View | undefined;
  #looking: Promise<View> | undefined;

  constructor(name: string, brokers: Brokers, clock: Clock) {
    this.#name = name;
    this.#brokers = brokers;
    this.#clock = clock;
  }

  /** In the order of their ids. Has the topic made where brokers make topics. Throws a KafkaError. */
  async partitions(): Promise<readonly Partition[]> {
    return (await this.#current()).partitions;
  }

  /** A connection to whoever takes messages for the partition. Throws a KafkaError. */
  async leaderOf(partition: number): Promise<Connection> {
    const address = (await this.#current()).leaders.get(partition);
    if (address === undefined)
      throw refusal(leaderNotAvailable, `Metadata, for partition ${partition}`);
    return this.#brokers.at(address);
  }

  /** Asks again before the next use. */
  forget(): void {
    this.#view = undefined;
  }

  /** Throws a KafkaError where the topic is not there or not for us, or none of its leaders answers. Has none made. */
  async lookUp(): Promise<void> {
    const { leaders } = await this.#ask({ isWanted: false });
    if (leaders.size === 0) throw refusal(leaderNotAvailable, 'Metadata');
    // The addresses that brokers give may be others than those we were given, and nobody there.
    const asked = [...new Set(leaders.values())].map((address) => this.#brokers.at(address));
    const answers = await Promise.allSettled(asked);
    const failure = answers.find(isRejected);
    if (failure !== undefined && answers.every(isRejected)) throw failure.reason;
  }

  #current(): Promise<View> {
    const view = this.#view;
    if (view !== undefined && this.#clock.elapsed() - view.readAt < oldest)
      return Promise.resolve(view);
    this.#looking ??= this.#ask({ isWanted: true })
      .then((found) => {
        this.#view = found;
        return found;
      })
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  async #ask(wish: { readonly isWanted: boolean }): Promise<View> {
    const broker = await this.#brokers.any();
    const { code, addresses, partitions } = await broker.send(metadata(this.#name, wish));
    this.#brokers.learn([...addresses.values()]);
    expectNoError(partitions.length === 0 && code === 0 ? leaderNotAvailable : code, 'Metadata');
    const leaders = new Map<number, string>();
    for (const { id, leader } of partitions) {
      const address = addresses.get(leader);
      if (address !== undefined) leaders.set(id, address);
    }
    return {
      partitions: partitions
        .map(({ id }) => ({ id, hasLeader: leaders.has(id) }))
        .toSorted((a, b) => a.id - b.id),
      leaders,
      readAt: this.#clock.elapsed(),
    };
  }
}

const isRejected = (result: PromiseSettledResult<unknown>): result is PromiseRejectedResult =>
  result.status === 'rejected';
