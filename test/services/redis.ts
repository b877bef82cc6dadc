import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Redis, type RedisOptions } from 'ioredis';
import { findRedisServer } from '../../scripts/lib/redis-server.mjs';
import type { Certificates } from './certificates.ts';
import { needProgram } from './debian.ts';
import { type Child, freePort, launch, scratchFolder, Unavailable, untilReady } from './process.ts';

export interface RedisServerOptions {
  /** Appends every write to a file and syncs it before the answer: data survives kill -9. */
  readonly aof?: boolean;
  /** Speaks TLS only, and asks clients for a certificate of this authority. */
  readonly tls?: Certificates;
  /** Users, one rule each: `pump on >secret ~analytics-* +@all`. */
  readonly acl?: readonly string[];
  readonly port?: number;
  /** 127.0.0.1 unless another address of the loopback is wanted. */
  readonly host?: '127.0.0.1' | '::1';
  /** Listens on every interface, as Redis does where its configuration names none: what protected mode is for. */
  readonly everywhere?: boolean;
  /** Further settings: `['--maxmemory', '20mb']`. */
  readonly args?: readonly string[];
  /** Beside what it inherits: a clock of its own. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly dir: string;
  /** Of the process that runs now. */
  readonly pid: number;
  output(): string;
  /** A client of the test's own; closed with the server. */
  connect(options?: ClientOptions): Redis;
  /** A `connect()` made when first asked for: to push records, to look at keys. */
  readonly client: Redis;
  /** Ends the server, its clients and its folder. */
  stop(): Promise<void>;
  /** Crash: the folder and the port stay for `start`. */
  kill9(): Promise<void>;
  /** Starts again after `kill9` (or `shutDown`) on the same port and folder. */
  start(): Promise<void>;
  /** The same, without waiting until it takes commands: it may be loading its data for long. */
  beginStart(): Promise<void>;
  /** SIGTERM without giving up the folder and the clients. */
  shutDown(): Promise<void>;
}

/** What a test may want to differ from: the address and the authority are the server's. */
type ClientOptions = Omit<RedisOptions, 'protocol' | 'replyMapping'>;

const defaultHost = '127.0.0.1';

/** A Redis server of the test's own on 127.0.0.1, ready for commands. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const binary = await needRedis();
  const dir = await scratchFolder('redis');
  if (options.acl !== undefined) {
    const rules = options.acl.map((rule) => `user ${rule}\n`).join('');
    await writeFile(path.join(dir, 'users.acl'), rules);
  }
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    try {
      return await RunningRedis.start({ binary, dir, port, options });
    } catch (error) {
      // Somebody else took the port between the look and the start.
      const isTaken = error instanceof Error && error.message.includes('bind');
      if (!isTaken || options.port !== undefined || attempt === 5) throw error;
    }
  }
}

/** The server's path; `Unavailable` where this machine has none. */
export async function needRedis(): Promise<string> {
  try {
    return await findRedisServer({ log: (line) => console.warn(line) });
  } catch (error) {
    throw new Unavailable(error instanceof Error ? error.message : String(error));
  }
}

/** Its command. Throws `Unavailable` where it is missing and cannot be installed. */
export const needRedisCli = (): Promise<string> => needProgram('redis-cli', ['redis-tools']);

interface Launch {
  readonly binary: string;
  readonly dir: string;
  readonly port: number;
  readonly options: RedisServerOptions;
}

class RunningRedis implements RedisServer {
  readonly #launch: Launch;
  readonly #clients = new Set<Redis>();
  #child: Child;
  #client: Redis | undefined;

  static async start(how: Launch): Promise<RedisServer> {
    return new RunningRedis(how, await launchRedis(how));
  }

  private constructor(how: Launch, child: Child) {
    this.#launch = how;
    this.#child = child;
  }

  get host(): string {
    return this.#launch.options.host ?? defaultHost;
  }

  get port(): number {
    return this.#launch.port;
  }

  get dir(): string {
    return this.#launch.dir;
  }

  get url(): string {
    return `${this.#launch.options.tls === undefined ? 'redis' : 'rediss'}://${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get client(): Redis {
    this.#client ??= this.connect();
    return this.#client;
  }

  output(): string {
    return this.#child.output();
  }

  connect(options: ClientOptions = {}): Redis {
    const { tls } = this.#launch.options;
    const secure = tls === undefined ? {} : { tls: { ca: tls.ca, cert: tls.cert, key: tls.key } };
    // Protocol 2, as the service speaks it: the replies have the same form in both.
    const client = new Redis({
      host: this.host,
      port: this.port,
      protocol: 2,
      ...secure,
      ...options,
    });
    // A test that crashes the server expects its own connections to fail.
    client.on('error', () => undefined);
    this.#clients.add(client);
    return client;
  }

  async start(): Promise<void> {
    this.#child = await launchRedis(this.#launch);
  }

  async beginStart(): Promise<void> {
    this.#child = await launchRedis(this.#launch, /LOADING|PONG/);
  }

  async shutDown(): Promise<void> {
    await this.#child.stop();
  }

  async kill9(): Promise<void> {
    await this.#child.kill9();
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.#child.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}

async function launchRedis(
  { binary, dir, port, options }: Launch,
  ready = /^(\+PONG|-NOAUTH|-NOPERM|-MASTERDOWN)/,
): Promise<Child> {
  await mkdir(dir, { recursive: true });
  const { tls, acl, aof, everywhere, host, args = [], env = {} } = options;
  const files = (pair: Certificates): string[] => [
    ...['--tls-cert-file', pair.certFile, '--tls-key-file', pair.keyFile],
    ...['--tls-ca-cert-file', pair.caFile],
  ];
  const child = launch(
    binary,
    [
      ...(tls === undefined
        ? ['--port', String(port)]
        : ['--port', '0', '--tls-port', String(port), ...files(tls)]),
      ...(everywhere === true ? [] : ['--bind', host ?? defaultHost]),
      ...['--dir', dir, '--save', ''],
      ...(aof === true
        ? ['--appendonly', 'yes', '--appendfsync', 'always']
        : ['--appendonly', 'no']),
      ...(acl === undefined ? [] : ['--aclfile', path.join(dir, 'users.acl')]),
      ...args,
    ],
    { env: { ...process.env, ...env } },
  );
  try {
    await untilReady(
      child,
      'Redis',
      () => answers({ host: host ?? defaultHost, port }, tls, ready),
      20_000,
    );
  } catch (error) {
    if (tls !== undefined && /bad directive|tls/i.test(child.output())) {
      throw new Unavailable(`The Redis server ${binary} was built without TLS.`);
    }
    throw error;
  }
  return child;
}

/** Without a client library: an ACL that refuses strangers is an answer too, a dataset being loaded is not. */
function answers(
  at: { host: string; port: number },
  tls: Certificates | undefined,
  ready: RegExp,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket =
      tls === undefined
        ? connectTcp(at)
        : // Whose certificate it is, is the test's matter.
          connectTls({ ...at, cert: tls.cert, key: tls.key, rejectUnauthorized: false });
    const settle = (isReady: boolean): void => {
      socket.destroy();
      resolve(isReady);
    };
    socket.setTimeout(2_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
    socket.once('data', (reply) => settle(ready.test(reply.toString())));
    socket.write('PING\r\n');
  });
}
