import { Connection, type ConnectionParts } from './connection.ts';
import { KafkaError } from './kafka-error.ts';

export interface BrokersParts extends Omit<ConnectionParts, 'address'> {
  /** Where to begin, in this order. */
  readonly seeds: readonly string[];
}

/** One connection to each broker that is needed, opened when it is. */
export class Brokers {
  readonly #parts: BrokersParts;
  readonly #connections = new Map<string, Promise<Connection>>();
  /** Brokers that others told of. */
  #told: readonly string[] = [];
  /** Those that were not there when they were last wanted, the latest one last. */
  readonly #absent = new Set<string>();

  constructor(parts: BrokersParts) {
    this.#parts = parts;
  }

  /** Keeps in mind where brokers are, for when those to begin with have gone. */
  learn(addresses: readonly string[]): void {
    this.#told = addresses;
  }

  /** Any of them. Asks each once, those last that were not there before; throws the last one's KafkaError. */
  async any(): Promise<Connection> {
    let failure: unknown;
    const { seeds } = this.#parts;
    const known = new Set([...this.#connections.keys(), ...seeds, ...this.#told]);
    const absent = [...this.#absent].filter((address) => known.delete(address));
    for (const address of [...known, ...absent]) {
      try {
        return await this.at(address);
      } catch (error) {
        // Another broker knows no other passwords.
        if (error instanceof KafkaError && error.kind === 'unauthorised') throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** The one there. Throws a KafkaError. */
  async at(address: string): Promise<Connection> {
    for (;;) {
      const known = this.#connections.get(address);
      if (known === undefined) return this.#open(address);
      const connection = await known;
      if (connection.isUsable) return connection;
      if (this.#connections.get(address) === known) {
        this.#connections.delete(address);
        connection.retire();
      }
    }
  }

  #open(address: string): Promise<Connection> {
    const opening = Connection.open({ ...this.#parts, address });
    this.#connections.set(address, opening);
    this.#absent.delete(address);
    opening.catch(() => {
      if (this.#connections.get(address) === opening) this.#connections.delete(address);
      this.#absent.add(address);
    });
    return opening;
  }
}
