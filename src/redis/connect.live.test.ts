import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { freePort, until } from '../../test/services/process.ts';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { aRedisConfig } from '../../test/services/redis-config.ts';
import type { RedisConfig } from '../config/config.ts';
import { Secret } from '../lib/secret.ts';
import { millis } from '../lib/units.ts';
import { connectRedis } from './connect.ts';
import { isOutage } from './connect-outage.ts';
import type { RedisConnection } from './connection.ts';

const never = new AbortController().signal;
const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function aServer(options?: Parameters<typeof startRedis>[0]): Promise<RedisServer> {
  const server = await startRedis(options);
  cleanUps.push(() => server.stop());
  return server;
}

async function connected(config: RedisConfig, log = memoryLog()): Promise<RedisConnection> {
  const connection = await connectRedis(config, { log }, never);
  cleanUps.push(() => connection.close());
  return connection;
}

const at = ({ host, port }: { host: string; port: number }, rest: Partial<RedisConfig> = {}) =>
  aRedisConfig({ addresses: [{ host, port }], ...rest });

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a standalone Redis', () => {
  test('is spoken to in the configured database, binary replies and all', async () => {
    const server = await aServer();
    const { client } = await connected(at(server, { database: 3 }));
    const record = Buffer.from([0, 255, 13, 10, 128]);

    await client.rpush('list', record);

    expect(await client.lrangeBuffer('list', 0, -1)).toEqual([record]);
    expect(await server.connect({ db: 3 }).llen('list')).toBe(1);
  });

  test('gives replies of a MiB and more whole', async () => {
    const server = await aServer();
    const { client } = await connected(at(server));
    const record = Buffer.alloc(1024, 0xfe);
    await client.rpush('list', ...Array.from({ length: 4096 }, () => record));

    const replies = await Promise.all([0, 1, 2, 3].map(() => client.lrangeBuffer('list', 0, -1)));

    expect(replies.map((reply) => Buffer.concat(reply).length)).toEqual(Array(4).fill(4096 * 1024));
  });

  test('takes an ACL user, whose secret is nowhere in the log', async () => {
    const server = await aServer({ acl: ['default off', 'pump on >hunter2 ~* +@all'] });
    const log = memoryLog();

    const config = at(server, { username: 'pump', password: new Secret('hunter2') });
    const { client } = await connected(config, log);

    expect(await client.call('ACL', 'WHOAMI')).toBe('pump');
    expect(log.text()).not.toContain('hunter2');
  });

  test('that refuses the password is an error in the log, once, while we keep trying', async () => {
    const server = await aServer({ acl: ['default off', 'pump on >right ~* +@all'] });
    const [log, stop] = [memoryLog(), new AbortController()];
    const config = at(server, { username: 'pump', password: new Secret('hunter2') });
    const connecting = failureOf(connectRedis(config, { log }, stop.signal));
    const admin = server.connect({ username: 'pump', password: 'right' });
    const connections = async (): Promise<number> =>
      Number(/total_connections_received:(\d+)/.exec(await admin.info('stats'))?.[1]);
    const before = await connections();

    await until('it was refused again', async () => (await connections()) >= before + 3);
    stop.abort(new Error('enough'));

    expect(await connecting).toEqual(new Error('enough'));
    expect(log.warnings()).toEqual(['Redis refuses us.']);
    expect(log.text()).not.toContain('hunter2');
  });

  test('that wants a password we do not have is not up', async () => {
    const server = await aServer({ args: ['--requirepass', 'secret'] });
    const [log, stop] = [memoryLog(), new AbortController()];
    const connecting = failureOf(connectRedis(at(server), { log }, stop.signal));

    await until('it says so', () => log.lines.length > 0);
    stop.abort(new Error('enough'));

    expect(await connecting).toEqual(new Error('enough'));
    expect(log.warnings()).toEqual(['Redis refuses us.']);
  });

  test('without the configured database is not used with another one', async () => {
    const server = await aServer();
    const [log, stop] = [memoryLog(), new AbortController()];
    const config = at(server, { database: 99 });
    const connecting = failureOf(connectRedis(config, { log }, stop.signal));

    await until('it says so', () => log.lines.length > 0);
    stop.abort(new Error('enough'));

    expect(await connecting).toEqual(new Error('enough'));
    expect(log.lines[0]).toMatchObject({
      level: 'error',
      fields: {
        reason: 'Redis has no database of this number (database): ERR DB index is out of range',
      },
    });
  });

  test('that is not there yet is waited for, and said once', async () => {
    const port = await freePort();
    const log = memoryLog();
    const connecting = connected(at({ host: '127.0.0.1', port }), log);
    await until('it says so', () => log.lines.length > 0);

    await aServer({ port });
    const connection = await connecting;

    expect(connection.isUp()).toBe(true);
    expect(log.lines.map(({ message }) => message)).toEqual([
      'Redis is away; reconnecting until it is back.',
      'Connected to Redis.',
    ]);
    expect(log.lines[0]?.fields).toMatchObject({ address: `127.0.0.1:${port}` });
  });
});

describe('an outage', () => {
  test('fails commands at once, is said once, and ends by itself', async () => {
    const server = await aServer({ aof: true });
    const log = memoryLog();
    const connection = await connected(at(server), log);
    await connection.client.set('key', 'kept');

    await server.kill9();
    await until('the loss is noticed', () => !connection.isUp());
    const begun = performance.now();
    const failures = await Promise.all(
      Array.from({ length: 100 }, () => failureOf(connection.client.get('key'))),
    );
    const took = performance.now() - begun;
    await server.start();
    await until('it is up again', () => connection.isUp());

    expect(took).toBeLessThan(500);
    expect(failures.every(isOutage)).toBe(true);
    expect(await connection.client.get('key')).toBe('kept');
    expect(log.lines.map(({ message }) => message)).toEqual([
      'Connected to Redis.',
      'Redis is away; reconnecting until it is back.',
      'Redis is back.',
    ]);
  });

  test('fails the commands under way instead of sending them twice', async () => {
    const server = await aServer();
    const { client } = await connected(at(server));
    const waiting = failureOf(client.blpop('nothing', 3));
    await server.client.ping();

    await server.kill9();

    expect(isOutage(await waiting)).toBe(true);
  });

  test('of a server that hangs ends each command at its deadline, and is survived', async () => {
    const server = await aServer();
    const log = memoryLog();
    const connection = await connected(at(server, { timeout: millis(500) }), log);

    process.kill(server.pid, 'SIGSTOP');
    const begun = performance.now();
    const failure = await failureOf(connection.client.get('key'));
    const took = performance.now() - begun;
    await until('the loss is noticed', () => !connection.isUp());
    process.kill(server.pid, 'SIGCONT');
    await until('it is up again', () => connection.isUp());

    expect(failure).toMatchObject({ message: 'Command timed out' });
    expect(took).toBeLessThan(1_500);
    expect(await connection.client.get('key')).toBeNull();
    expect(log.warnings()).toHaveLength(1);
  });

  test('is not made by silence while nothing is asked', async () => {
    const server = await aServer();
    const log = memoryLog();
    const connection = await connected(at(server, { timeout: millis(200) }), log);
    const idleSince = performance.now();

    await until(
      'it was idle for longer than the timeout',
      () => performance.now() - idleSince > 700,
    );

    expect(connection.isUp()).toBe(true);
    expect(log.warnings()).toEqual([]);
  });

  test('of a server that accepts and says nothing does not hang the start', async () => {
    const sockets = new Set<Socket>();
    const mute = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    cleanUps.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => mute.close(resolve));
    });
    const address = mute.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const [log, stop] = [memoryLog(), new AbortController()];
    const config = at({ host: '127.0.0.1', port }, { timeout: millis(200) });

    const connecting = failureOf(connectRedis(config, { log }, stop.signal));
    await until('it tried again', () => sockets.size >= 2);
    stop.abort(new Error('enough'));

    expect(await connecting).toEqual(new Error('enough'));
    expect(log.warnings()).toHaveLength(1);
  });

  test('is looked for anew when the server has become a replica', async () => {
    const [master, other] = [await aServer(), await aServer()];
    const connection = await connected(at(master));
    const before = await connection.client.client('ID');
    await master.client.replicaof(other.host, other.port);

    const failure = await failureOf(connection.client.set('key', 'value'));
    await until('it has a new connection', async () => {
      const id = await connection.client.client('ID').catch(() => before);
      return id !== before;
    });

    expect(isOutage(failure)).toBe(true);
  });
});

describe('closing', () => {
  test('is possible twice, and ends later commands with an error', async () => {
    const server = await aServer();
    const connection = await connectRedis(at(server), { log: memoryLog() }, never);

    await connection.close();
    await connection.close();

    expect(connection.isUp()).toBe(false);
    expect(isOutage(await failureOf(connection.client.ping()))).toBe(true);
  });

  test('during an outage ends the attempts', async () => {
    const server = await aServer();
    const log = memoryLog();
    const connection = await connectRedis(at(server), { log }, never);
    await server.kill9();
    await until('the loss is noticed', () => !connection.isUp());

    await connection.close();
    await server.start();

    expect(isOutage(await failureOf(connection.client.ping()))).toBe(true);
    expect(await server.client.client('LIST')).not.toContain('name=sluice');
  });
});
