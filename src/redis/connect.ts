import { once } from 'node:events';
import { readFile as readFileFromDisk } from 'node:fs/promises';
import { Cluster, Redis } from 'ioredis';
import type { RedisConfig } from '../config/config.ts';
import { systemClock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { millis } from '../lib/units.ts';
import type { RedisClient } from './client.ts';
import { isOutage, OutageLog } from './connect-outage.ts';
import { type Backoff, backoffWith, type ClientOptions, clientOptions } from './options.ts';
import { type ReadFile, tlsOptions } from './options-tls.ts';

/*
 * One connection, one policy:
 * - away: commands fail at once (nothing is queued), the connection is tried again for ever;
 * - connected: a command is answered within `timeout` or fails; a socket that is silent for as long is closed;
 * - up: connected, and PING was answered: the server has its data, the user may sign in.
 */

export interface RedisConnection {
  /** Blocking commands must ask for less than the configured timeout. */
  readonly client: RedisClient;
  /** Whether commands can be expected to work now. */
  isUp(): boolean;
  /** Lets go at once: commands under way fail. */
  close(): Promise<void>;
}

export interface ConnectDeps {
  readonly log: Log;
  readonly readFile?: ReadFile;
}

/** Resolves once Redis has answered, however long that takes; the signal ends the waiting (and nothing later). */
export async function connectRedis(
  config: RedisConfig,
  { log, readFile = readFileFromDisk }: ConnectDeps,
  signal: AbortSignal,
): Promise<RedisConnection> {
  signal.throwIfAborted();
  warnOfSettings(config, log);
  const tls = config.tls === undefined ? undefined : await tlsOptions(config.tls, readFile);
  signal.throwIfAborted();
  const backoff = backoffWith(() => systemClock.random());
  const options = clientOptions(config, { tls, backoff, isStale: staleness() });
  const connection = new Connection(options, {
    backoff,
    outage: new OutageLog(log, {
      address: config.addresses.map(({ host, port }) => `${host}:${port}`).join(','),
      mode: config.mode,
    }),
  });
  try {
    await connection.untilUp(signal);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

function warnOfSettings(config: RedisConfig, log: Log): void {
  if (config.tls?.skipVerify === true) {
    log.warn({}, 'The certificate of Redis is not verified (ssl_insecure_skip_verify).');
  }
  if (config.mode === 'cluster' && config.database !== 0) {
    log.warn({ database: config.database }, 'A Redis Cluster has no databases; 0 is used.');
  }
}

/**
 * A server that has become a replica (failover behind one address, or Sentinel's) answers READONLY: look for the master
 * anew. In a script the word is inside the message. Not more than once in five seconds, for a replica may be all there is.
 */
function staleness(): (error: Error) => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return ({ message }) => {
    const now = systemClock.elapsed();
    if (!message.includes('READONLY') || now - last < 5_000) return false;
    last = now;
    return true;
  };
}

class Connection implements RedisConnection {
  readonly client: RedisClient;
  readonly #backoff: Backoff;
  readonly #outage: OutageLog;
  readonly #closing = new AbortController();
  readonly #work = new Set<Promise<void>>();
  readonly #firstUp: Promise<void>;
  #sayUp: () => void = () => undefined;
  #isUp = false;
  /** Grows with each connection made or lost, so that an answer on an old one is recognised. */
  #epoch = 0;
  #lastError: unknown;

  constructor(
    how: ClientOptions,
    { backoff, outage }: { readonly backoff: Backoff; readonly outage: OutageLog },
  ) {
    this.#backoff = backoff;
    this.#outage = outage;
    this.#firstUp = new Promise((resolve) => {
      this.#sayUp = resolve;
    });
    // ioredis begins to connect at once; its first event comes later than the listeners.
    this.client =
      how.kind === 'redis' ? new Redis(how.options) : new Cluster(how.nodes, how.options);
    this.#watch();
  }

  isUp(): boolean {
    return this.#isUp;
  }

  async untilUp(signal: AbortSignal): Promise<void> {
    const settled = new AbortController();
    const aborted = once(signal, 'abort', { signal: settled.signal }).catch(() => undefined);
    await Promise.race([this.#firstUp, aborted]);
    settled.abort();
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
    client.on('ready', () => this.#keep(this.#confirm()));
    client.on('close', () => this.#lose(this.#lastError ?? new Error('the connection was closed')));
    client.on('error', (error: unknown) => {
      this.#lastError = withNodeError(error);
      // ioredis would go on with database 0: with records of somebody else.
      if (commandOf(error) === 'select') client.disconnect(true);
      if (!this.#isUp) this.#lose(this.#lastError);
    });
    client.on('end', () => this.#keep(this.#startAgain()));
    if (client instanceof Cluster) watchNodes(client, this.#outage);
  }

  #lose(error: unknown): void {
    this.#epoch += 1;
    this.#isUp = false;
    if (!this.#closing.signal.aborted) this.#outage.away(error);
  }

  /** Connected is not enough: the server may be loading its data, or want a password that we do not have. */
  async #confirm(): Promise<void> {
    this.#epoch += 1;
    const epoch = this.#epoch;
    for (let attempt = 1; epoch === this.#epoch; attempt++) {
      try {
        await this.client.ping();
      } catch (error) {
        // NOPERM for PING is an answer as well.
        const isAnswer = !isOutage(error) && !explain(error).startsWith('NOAUTH');
        if (!isAnswer) {
          if (epoch !== this.#epoch || this.#closing.signal.aborted) return;
          this.#outage.away(error);
          await this.#pause(attempt);
          continue;
        }
      }
      if (epoch !== this.#epoch) return;
      this.#lastError = undefined;
      this.#isUp = true;
      this.#outage.back();
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
    await systemClock.sleep(millis(this.#backoff(attempt)), this.#closing.signal);
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

/** One node away leaves the others at work: said once per node and outage. */
function watchNodes(cluster: Cluster, outage: OutageLog): void {
  const nodes = new Map<string, OutageLog>();
  cluster.on('node error', (error: unknown, address: string) => {
    if (cluster.status !== 'ready') return;
    const node = nodes.get(address) ?? outage.of(address);
    nodes.set(address, node);
    node.away(error);
  });
  cluster.on('+node', (node: Redis) => {
    const { host = '', port = 0 } = node.options;
    const address = `${host}:${port}`;
    const sayBack = (): void => {
      nodes.get(address)?.back();
      nodes.delete(address);
    };
    // A node that hangs is still connected to: its system does that.
    node.on('ready', () => {
      node.ping().then(sayBack, () => undefined);
    });
  });
}
