import { afterEach, describe, expect, test } from 'vitest';
import { type Certificates, makeCertificates } from '../../test/services/certificates.ts';
import { memoryLog } from '../../test/services/memory-log.ts';
import { until } from '../../test/services/process.ts';
import { startRedis } from '../../test/services/redis.ts';
import { aRedisConfig, aTlsConfig } from '../../test/services/redis-config.ts';
import { startTlsFront, type TlsFront } from '../../test/services/redis-front.ts';
import type { RedisConfig, TlsConfig } from '../config/config.ts';
import { connectRedis } from './connect.ts';
import type { RedisConnection } from './connection.ts';

const never = new AbortController().signal;
const cleanUps: (() => Promise<void>)[] = [];
const [ours, strangers] = await Promise.all([makeCertificates(), makeCertificates()]);
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Redis behind TLS that asks for a client certificate of the same authority. */
async function aServer(tls: Certificates, options: FrontOptions = {}): Promise<TlsFront> {
  const server = await startRedis();
  cleanUps.push(() => server.stop());
  const asking = { requestCert: true, rejectUnauthorized: true };
  const front = await startTlsFront(server, tls, { ...asking, ...options });
  cleanUps.push(() => front.stop());
  return front;
}

type FrontOptions = NonNullable<Parameters<typeof startTlsFront>[2]>;

const at = ({ host, port }: TlsFront, tls: TlsConfig, name = host): RedisConfig =>
  aRedisConfig({ addresses: [{ host: name, port }], tls });

async function connected(config: RedisConfig, log = memoryLog()): Promise<RedisConnection> {
  const connection = await connectRedis(config, { log }, never);
  cleanUps.push(() => connection.close());
  return connection;
}

/** Tries until the first thing is logged, and gives that line's reason. */
async function reasonOfFailure(config: RedisConfig): Promise<unknown> {
  const [log, stop] = [memoryLog(), new AbortController()];
  const connecting = connectRedis(config, { log }, stop.signal).catch(() => undefined);
  await until('something is logged', () => log.lines.length > 0);
  stop.abort();
  await connecting;
  return log.lines[0]?.fields['reason'];
}

describe('TLS', () => {
  test('with the authority and a client certificate works', async () => {
    const server = await aServer(ours);

    const { client } = await connected(at(server, aTlsConfig(ours)));

    expect(await client.ping()).toBe('PONG');
  });

  test('by host name works, and the name is what the certificate is compared with', async () => {
    const server = await aServer(ours);

    const { client } = await connected(at(server, aTlsConfig(ours), 'localhost'));

    expect(await client.ping()).toBe('PONG');
  });

  test('keeps to the versions asked for', async () => {
    const server = await aServer(ours, { minVersion: 'TLSv1.3' });

    const reason = await reasonOfFailure(at(server, aTlsConfig(ours, { maxVersion: 'TLSv1.2' })));

    expect(reason).toMatch(/protocol version/);
    expect(await (await connected(at(server, aTlsConfig(ours)))).client.ping()).toBe('PONG');
  });

  test('of another authority is refused', async () => {
    const server = await aServer(ours);
    const trusting = aTlsConfig({ ...ours, caFile: strangers.caFile });

    expect(await reasonOfFailure(at(server, trusting))).toMatch(/certificate/);
  });

  test('for another name is refused, and taken when that name is configured', async () => {
    const named = await makeCertificates({ names: ['redis.example'], addresses: [] });
    const server = await aServer(named);

    expect(await reasonOfFailure(at(server, aTlsConfig(named)))).toMatch(/altnames/);
    const config = at(server, aTlsConfig(named, { serverName: 'redis.example' }));
    expect(await (await connected(config)).client.ping()).toBe('PONG');
  });

  test('without a client certificate is refused by a server that wants one', async () => {
    const server = await aServer(ours);
    const bare = aTlsConfig({ caFile: ours.caFile });

    expect(await reasonOfFailure(at(server, bare))).toMatch(/certificate|alert|closed/i);
  });

  test('without verification takes any certificate, and says so once', async () => {
    const server = await aServer(ours);
    const log = memoryLog();
    const careless = aTlsConfig({ ...ours, caFile: '' }, { skipVerify: true });

    const { client } = await connected(at(server, careless), log);

    expect(await client.ping()).toBe('PONG');
    expect(log.warnings()).toEqual([
      'The certificate of Redis is not verified (ssl_insecure_skip_verify).',
    ]);
  });
});
