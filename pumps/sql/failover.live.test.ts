/** Several hosts in the DSN of PostgreSQL: records go to the one that takes writes, also when that changes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch, Sink } from '#pump';
import { aBatch, aContext, aPreparedPump, deliverOnce, failureOf, outcomesOf } from '#pump/testing';
import { needPostgres, type PostgresServer, startPostgres } from '../../test/services/postgres.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import sql from './index.ts';

const unavailable = await whyUnavailable(needPostgres);
const signal = (): AbortSignal => AbortSignal.timeout(20_000);

describe.skipIf(unavailable !== undefined)('of several hosts in the DSN', () => {
  let servers: readonly [PostgresServer, PostgresServer];
  let sink: Sink;

  beforeAll(async () => {
    servers = await Promise.all([startPostgres(), startPostgres()]);
    const [first, second] = servers;
    // Of a replica the tables are there.
    const alone = aPreparedPump(sql, { type: 'postgres', connection_string: first.dsn() });
    expect(outcomesOf(await deliverOnce(alone, aBatch(1)))).toEqual(['delivered']);
    await becomes(first, 'read-only');
    const pump = aPreparedPump(sql, {
      type: 'postgres',
      connection_string: `postgres://sluice@127.0.0.1:${first.port},127.0.0.1:${second.port}/postgres?sslmode=disable`,
    });
    sink = await pump.open(aContext(), signal());
  }, 60_000);
  afterAll(async () => {
    await sink.close(signal());
    await Promise.all(servers.map((server) => server.stop()));
  });

  const rows = async (server: PostgresServer): Promise<number> =>
    (await server.query('SELECT FROM tyk_analytics')).length;
  const deliver = async (batch: Batch) => (await sink.deliver(batch, signal())).ofRequest;

  it('the one that takes writes is found, wherever it stands', async () => {
    expect(await deliver(aBatch(3))).toEqual({ outcome: 'delivered' });
    expect(await Promise.all(servers.map(rows))).toEqual([1, 3]);
  });

  it('another one is, after a failover, and the batch that broke is stored there once', async () => {
    const [first, second] = servers;
    await becomes(first, 'read-write');
    await second.kill9();
    const batch = aBatch(5);

    // The session may break only now.
    const once = await deliver(batch);
    if (once?.outcome !== 'delivered') expect(failureOf(once).kind).toBe('unreachable');
    expect(await deliver(batch)).toEqual({ outcome: 'delivered' });
    expect(await rows(first)).toBe(6);
  });

  it('none is, as long as all take no writes', async () => {
    const [first, second] = servers;
    await first.kill9();
    await second.start();
    await becomes(second, 'read-only');

    // The session may break only now.
    await deliver(aBatch(1));
    const failure = failureOf(await deliver(aBatch(1)));

    expect(failure).toMatchObject({
      kind: 'unreachable',
      message: '127.0.0.1 takes no writes',
    });
    expect(await sink.check(signal())).toMatchObject({ state: 'down' });
    expect(await rows(second)).toBe(3);
  });
});

/** For sessions from now on, as after a promotion, or before one. */
const becomes = (server: PostgresServer, what: 'read-only' | 'read-write') =>
  server.query(
    `BEGIN READ WRITE; ALTER ROLE sluice SET default_transaction_read_only = ${what === 'read-only' ? 'on' : 'off'}; COMMIT`,
  );
