import type { Connection } from './connection.ts';

/** Connections in the order of their last packets: each has its neighbours, so moving one costs nothing. */
export class OldestFirst {
  size = 0;
  #oldest: Connection | undefined;
  #newest: Connection | undefined;

  get oldest(): Connection | undefined {
    return this.#oldest;
  }

  add(connection: Connection): void {
    this.size++;
    connection.older = this.#newest;
    connection.newer = undefined;
    if (this.#newest === undefined) this.#oldest = connection;
    else this.#newest.newer = connection;
    this.#newest = connection;
  }

  remove(connection: Connection): void {
    this.size--;
    const { older, newer } = connection;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    connection.older = undefined;
    connection.newer = undefined;
  }

  /** It is the newest now. */
  touch(connection: Connection): void {
    if (this.#newest === connection) return;
    this.remove(connection);
    this.add(connection);
  }
}
