import { once } from 'node:events';
import { Cluster, Redis } from 'ioredis';
import { systemClock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { millis } from '../lib/units.ts';
import { unlessAborted } from '../lib/waiting.ts';
import type { RedisClient } from './client.ts';
import { confirm } from './connect-confirm.ts';
import { type HandshakeEars, watchHandshake } from './connect-handshake.ts';
import { watchNodes } from './connect-nodes.ts';
import { isOutage, type OutageLog } from './connect-outage.ts';
import { type Trouble, troubleOf } from './connect-reasons.ts';
import type { Troubles } from './connect-troubles.ts';
import type { Backoff, ClientOptions } from './options.ts';

/*
 * One connection, one policy:
 * - away: commands fail at once (nothing is queued), the connection is tried again for ever;
 * - connected: a command is answered within `timeout` or fails; a socket that is silent for as long is closed;
 * - up: connected, and asked for the gateway's lists it answered: the server has its data, the user may sign in.
 *
 * Why it is not up is known at every moment after the first failure. Where the client library has no reason to give, a
 * look at the server finds one (connect-look.ts).
 */

export interface RedisConnection {
  /** Blocking commands must ask for less than the configured timeout. */
  readonly client: RedisClient;
  /** Whether commands can be expected to work now. */
  isUp(): boolean;
  /** Why they cannot; undefined while it is up, and until the first attempt has failed. */
  trouble(): Trouble | undefined;
  /** What is not as it should be although it works, such as a password that Redis does not want. */
  notes(): readonly string[];
  /** Resolves once Redis has answered, however long that takes; rejects at the signal. */
  untilUp(signal: AbortSignal): Promise<void>;
  /** Lets go at once: commands under way fail. */
  close(): Promise<void>;
}

export interface ConnectionParts {
  /** The gateway's lists: what is asked for to know whether Redis is of use. */
  readonly lists: readonly string[];
  readonly backoff: Backoff;
  readonly log: Log;
  readonly outage: OutageLog;
  readonly troubles: Troubles;
}

/** An attempt of which nothing is heard for so long is looked into. */
const silentAfter = millis(1_000);

export class Connection implements RedisConnection {
  readonly client: RedisClient;
  readonly #parts: ConnectionParts;
  readonly #closing = new AbortController();
  readonly #work = new Set<Promise<void>>();
  readonly #firstUp: Promise<void>;
  readonly #notes = new Set<string>();
  #sayUp: () => void = () => undefined;
  #isUp = false;
  /** Grows with each connection made or lost, so that an answer on an old one is recognised. */
  #epoch = 0;
  #lastError: unknown;

  constructor(how: ClientOptions, parts: ConnectionParts) {
    this.#parts = parts;
    this.#firstUp = new Promise((resolve) => {
      this.#sayUp = resolve;
    });
    // ioredis begins to connect at once; its first event comes later than the listeners.
    this.client =
      how.kind === 'redis' ? new Redis(how.options) : new Cluster(how.nodes, how.options);
    this.#watch();
    this.#keep(this.#lookAfterSilence());
  }

  isUp(): boolean {
    return this.#isUp;
  }

  trouble(): Trouble | undefined {
    return this.#isUp ? undefined : this.#parts.troubles.current;
  }

  notes(): readonly string[] {
    return [...this.#notes];
  }

  async untilUp(signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#firstUp, undefined, signal);
    signal.throwIfAborted();
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#isUp = false;
    // Between two attempts there is nothing to end, and ioredis says nothing.
    const isOpen = ['connecting', 'connect', 'ready'].includes(this.client.status);
    const ended = isOpen
      ? once(this.client, 'end', { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
      : undefined;
    this.client.disconnect();
    await ended;
    await Promise.all(this.#work);
  }

  #watch(): void {
    const { client } = this;
    const ears: HandshakeEars = {
      onRefusal: (error) => {
        // Of an ACL that refuses a name for the connection nothing depends.
        if (!troubleOf(error).reason.includes('NOPERM')) this.#lastError = error;
      },
      onNeedlessPassword: () => this.#note('Redis wants no password, and one is configured.'),
    };
    client.on('connect', () => {
      this.#lastError = undefined;
    });
    client.on('ready', () => this.#keep(this.#confirm()));
    client.on('close', () => this.#lose(this.#lastError ?? new Error('the connection was closed')));
    client.on('error', (error: unknown) => {
      this.#lastError = withNodeError(error);
      // ioredis would go on with database 0: with records of somebody else.
      if (commandOf(error) === 'select') client.disconnect(true);
      if (!this.#isUp) this.#lose(this.#lastError);
    });
    client.on('end', () => this.#keep(this.#startAgain()));
    if (client instanceof Cluster) watchNodes(client, this.#parts.outage, ears);
    else watchHandshake(client, ears);
  }

  #lose(error: unknown): void {
    this.#epoch += 1;
    this.#isUp = false;
    this.#suffer(error);
  }

  /** Not up, and why. */
  #suffer(error: unknown): void {
    const signal = this.#closing.signal;
    if (!signal.aborted) this.#keep(this.#parts.troubles.suffer(error, signal));
  }

  async #lookAfterSilence(): Promise<void> {
    const { signal } = this.#closing;
    await systemClock.sleep(silentAfter, signal);
    if (!this.#isUp) await this.#parts.troubles.lookIfUnknown(signal);
  }

  #note(text: string): void {
    if (!this.#notes.has(text)) this.#parts.log.warn({}, text);
    this.#notes.add(text);
  }

  async #confirm(): Promise<void> {
    this.#epoch += 1;
    const epoch = this.#epoch;
    for (let attempt = 1; epoch === this.#epoch; attempt++) {
      try {
        await confirm(this.client, this.#parts.lists);
      } catch (error) {
        if (epoch !== this.#epoch || this.#closing.signal.aborted) return;
        if (isOutage(error) || troubleOf(error).needsPerson) {
          this.#suffer(error);
          await this.#pause(attempt);
          continue;
        }
      }
      if (epoch !== this.#epoch) return;
      this.#lastError = undefined;
      this.#parts.troubles.end();
      this.#isUp = true;
      this.#sayUp();
      return;
    }
  }

  /** ioredis gives up for ever after some errors (a socket that cannot be made, for one); we never do. */
  async #startAgain(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#lose(this.#lastError);
    await this.#pause(5);
    // A failure is said by the events, and leads here again.
    await this.client.connect().catch(() => undefined);
  }

  /** Rejects when the connection is closed meanwhile. */
  async #pause(attempt: number): Promise<void> {
    await systemClock.sleep(millis(this.#parts.backoff(attempt)), this.#closing.signal);
  }

  #keep(work: Promise<void>): void {
    const kept = work
      // Only closing ends the work with an error.
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) throw error;
      })
      .finally(() => this.#work.delete(kept));
    this.#work.add(kept);
  }
}

/** "Failed to refresh slots cache" alone says nothing: the reason is the last node's error. */
function withNodeError(error: unknown): unknown {
  if (!(error instanceof Error) || !('lastNodeError' in error)) return error;
  return new Error(error.message, { cause: error.lastNodeError });
}

/** The command that a reply of Redis refused. */
function commandOf(error: unknown): unknown {
  if (!(error instanceof Error) || !('command' in error)) return undefined;
  const { command } = error;
  return typeof command === 'object' && command !== null && 'name' in command
    ? command.name
    : undefined;
}
