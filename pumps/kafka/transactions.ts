import type { Clock } from '#pump';
import type { Brokers } from './brokers.ts';
import { expectNoError } from './client-error.ts';
import type { Connection } from './connection.ts';
import { patiently } from './patience.ts';
import { initProducerId } from './requests.ts';
import {
  addPartitions,
  endTransaction,
  findCoordinator,
  type TransactionOwner,
} from './transaction-requests.ts';

export interface TransactionsParts {
  readonly transactionalId: string;
  readonly topic: string;
  readonly brokers: Brokers;
  readonly clock: Clock;
  /** Ends the waiting for a broker that is busy. */
  readonly signal: AbortSignal;
}

/** After this many milliseconds the broker ends a transaction of a producer that has gone. */
const longest = 60_000;
/** The transactions of one id, one after the other. After a failure a new one of these is needed. */
export class Transactions {
  readonly #parts: TransactionsParts;
  #owner: TransactionOwner | undefined;

  constructor(parts: TransactionsParts) {
    this.#parts = parts;
  }

  /** Commits what `work` stores in these partitions. When it throws, or the commit fails, that is taken back. */
  async run(
    partitions: readonly number[],
    work: (owner: TransactionOwner) => Promise<void>,
  ): Promise<void> {
    const owner = await this.#begin();
    try {
      await patiently(() => this.#add(owner, partitions), this.#parts);
      await work(owner);
      await this.#end(owner, { isCommitted: true });
    } catch (error) {
      // So that readers need not wait for its time to be up. Where that fails too, the next session does it.
      await this.#end(owner, { isCommitted: false }).catch(() => undefined);
      throw error;
    }
  }

  /** A number of this id; whoever had one before has lost it, with the transaction that was open. */
  async #begin(): Promise<TransactionOwner> {
    if (this.#owner !== undefined) return this.#owner;
    const { transactionalId } = this.#parts;
    const { id, epoch } = await patiently(async () => {
      const coordinator = await this.#coordinator();
      const answer = await coordinator.send(initProducerId(transactionalId, longest));
      expectNoError(answer.code, 'InitProducerId');
      return answer;
    }, this.#parts);
    const owner = { transactionalId, id, epoch };
    this.#owner = owner;
    return owner;
  }

  async #add(owner: TransactionOwner, partitions: readonly number[]): Promise<void> {
    const coordinator = await this.#coordinator();
    const request = addPartitions(owner, this.#parts.topic, partitions);
    expectNoError(await coordinator.send(request), 'AddPartitionsToTxn');
  }

  async #end(owner: TransactionOwner, end: { readonly isCommitted: boolean }): Promise<void> {
    const coordinator = await this.#coordinator();
    expectNoError(await coordinator.send(endTransaction(owner, end)), 'EndTxn');
  }

  async #coordinator(): Promise<Connection> {
    const { brokers, transactionalId } = this.#parts;
    const broker = await brokers.any();
    const { code, address } = await broker.send(findCoordinator(transactionalId));
    expectNoError(code, 'FindCoordinator');
    return brokers.at(address);
  }
}
