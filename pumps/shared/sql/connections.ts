import { onAbort } from '#pump';
import type { Connection, Driver } from './driver/driver.ts';

/** Sessions that are used again. There are as many as were at work at once. */
export class Connections {
  readonly #driver: Driver;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  #isClosed = false;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  /** One that stands, or a new one. */
  async take(signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted();
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isOpen) return idle;
      this.drop(idle);
    }
    const connection = await this.#driver.connect(signal);
    if (this.#isClosed) {
      connection.destroy();
      throw new Error('The sink is closed.');
    }
    this.#all.add(connection);
    return connection;
  }

  /** Work that leaves no transaction behind. A connection on which it failed is not used again. */
  async use<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.take(signal);
    const forget = onAbort(signal, () => connection.destroy());
    try {
      const result = await work(connection);
      this.give(connection);
      return result;
    } catch (error) {
      this.drop(connection);
      signal.throwIfAborted();
      throw error;
    } finally {
      forget();
    }
  }

  /** Back, with no transaction under way. */
  give(connection: Connection): void {
    if (this.#isClosed || !connection.isOpen) this.drop(connection);
    else this.#idle.push(connection);
  }

  /** Of no use any more. */
  drop(connection: Connection): void {
    this.#all.delete(connection);
    connection.destroy();
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#all) connection.destroy();
    this.#all.clear();
    this.#idle.length = 0;
  }
}
