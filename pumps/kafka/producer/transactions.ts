import { type Clock, isAborted, millis, pause, untilAborted } from '#pump';
import type { Brokers } from './brokers.ts';
import type { Connection } from './connection.ts';
import { expectNoError, isPassing } from './kafka-error.ts';
import { Numbers } from './numbers.ts';
import { whileBusy } from './while-busy.ts';
import { initProducerId } from './wire/requests.ts';
import {
  addPartitions,
  endTransaction,
  findCoordinator,
  type TransactionOwner,
} from './wire/transaction-requests.ts';

export interface TransactionsParts {
  readonly transactionalId: string;
  readonly topic: string;
  readonly brokers: Brokers;
  readonly clock: Clock;
}

/** A number of a transactional id, and the places of the partitions under it. */
export interface Owner extends TransactionOwner {
  readonly numbers: Numbers;
}

/** After this many milliseconds the broker ends a transaction of a producer that has gone. */
const longest = 60_000;
/** Before a commit without an answer is asked for again. */
const rest = millis(100);

/** The transactions of one id, one after the other. */
export class Transactions {
  readonly #parts: TransactionsParts;
  #owner: Owner | undefined;

  constructor(parts: TransactionsParts) {
    this.#parts = parts;
  }

  /**
   * Commits what `work` stores in these partitions. When it throws, the signal aborts or the commit fails, that is taken
   * back, and the next transaction begins under a number of its own.
   */
  async run(
    partitions: readonly number[],
    work: (owner: Owner) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const owner = await this.#begin(signal);
    try {
      await whileBusy(() => this.#add(owner, partitions, signal), { ...this.#parts, signal });
      await work(owner);
      await this.#commit(owner, signal);
    } catch (error) {
      if (this.#owner === owner) this.#owner = undefined;
      // So that readers need not wait for its time to be up. Where that fails too, the next number does it.
      await this.#end(owner, { isCommitted: false }).catch(() => undefined);
      throw error;
    }
  }

  /** A number of this id; whoever had one before has lost it, with the transaction that was open. */
  async #begin(signal: AbortSignal): Promise<Owner> {
    if (this.#owner !== undefined) return this.#owner;
    const { transactionalId } = this.#parts;
    const ask = async () => {
      const coordinator = await this.#coordinator(signal);
      const answer = await coordinator.send(initProducerId(transactionalId, longest), { signal });
      expectNoError(answer.code, 'InitProducerId');
      return answer;
    };
    const { id, epoch } = await whileBusy(ask, { ...this.#parts, signal });
    const number = { id, epoch };
    const numbers = new Numbers(() => Promise.resolve(number));
    this.#owner = { transactionalId, ...number, numbers };
    return this.#owner;
  }

  async #add(owner: Owner, partitions: readonly number[], signal: AbortSignal): Promise<void> {
    const coordinator = await this.#coordinator(signal);
    const request = addPartitions(owner, this.#parts.topic, partitions);
    expectNoError(await coordinator.send(request, { signal }), 'AddPartitionsToTxn');
  }

  /** A commit whose answer was lost is asked for again: of one that it has made already the broker says so. */
  async #commit(owner: Owner, signal: AbortSignal): Promise<void> {
    const commit = () => this.#end(owner, { isCommitted: true }, signal);
    for (;;) {
      try {
        await whileBusy(commit, { ...this.#parts, signal });
        return;
      } catch (error) {
        if (isAborted(signal) || !isPassing(error)) throw error;
      }
      await pause(this.#parts.clock, rest, signal);
    }
  }

  async #end(
    owner: Owner,
    end: { readonly isCommitted: boolean },
    signal?: AbortSignal,
  ): Promise<void> {
    const coordinator = await this.#coordinator(signal);
    expectNoError(await coordinator.send(endTransaction(owner, end), { signal }), 'EndTxn');
  }

  async #coordinator(signal?: AbortSignal): Promise<Connection> {
    const { brokers, transactionalId } = this.#parts;
    const finding = (async () => {
      const broker = await brokers.any();
      const { code, address } = await broker.send(findCoordinator(transactionalId), { signal });
      expectNoError(code, 'FindCoordinator');
      return brokers.at(address);
    })();
    return signal === undefined ? finding : untilAborted(finding, signal);
  }
}
