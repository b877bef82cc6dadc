import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anUptimeBatch, aPreparedPump, deliverOnce, outcomesOf } from '#pump/testing';
import { type MariadbServer, needMariadb, startMariadb } from '../../test/services/mariadb.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import uptime from './index.ts';

const hour = 1_710_108_000;
const unavailable = await whyUnavailable(needMariadb);

describe.skipIf(unavailable !== undefined)('the rows of uptime records on MariaDB', () => {
  let server: MariadbServer;
  beforeAll(async () => {
    server = await startMariadb();
  }, 120_000);
  afterAll(() => server.stop());

  const pumpFor = (dsn: string, meta: object = {}) =>
    aPreparedPump(uptime, { uptime_type: 'sql', type: 'mysql', connection_string: dsn, ...meta });
  const at = (seconds: number) => ({ timestamp: { seconds }, org_id: 'o' });

  it('take in later batches, and the mean follows the sums', async () => {
    const { name, dsn } = await server.createDatabase();
    const pump = pumpFor(dsn);
    const path = 'u';
    for (const [request_time, response_code] of [
      [10, 200],
      [20, 503],
      [60, -1],
      [90, 200],
    ] as const)
      await deliverOnce(pump, anUptimeBatch(1, { ...at(hour), path, request_time, response_code }));

    const rows = await server.query(
      `SELECT dimension, counter_hits, counter_request_time AS mean, counter_last_time AS last, code_200, code_503
       FROM tyk_uptime_analytics ORDER BY dimension`,
      name,
    );
    const [total, errors, url] = rows;
    expect(total).toMatchObject({ counter_hits: 3, mean: 40, last: null });
    expect(errors).toMatchObject({ dimension: 'errors', counter_hits: 1, mean: 20, code_503: 1 });
    expect(url).toMatchObject({ dimension: 'url', counter_hits: 3, mean: 40, code_200: 2 });
    expect(url?.['last']).not.toBeNull();
  });

  it('have a key that fits, however long the address is, and a table for each day', async () => {
    const { name, dsn } = await server.createDatabase();
    const pump = pumpFor(dsn, { table_sharding: true });
    const long = `http://up/${'x'.repeat(500)}`;
    const batch = anUptimeBatch(4, (index) => ({
      ...at(hour + (index % 2) * 86_400),
      path: `${long}${index < 2 ? 'a' : 'b'}`,
    }));

    expect(outcomesOf(await deliverOnce(pump, batch))).toEqual(
      batch.entries.map(() => 'delivered'),
    );
    for (const day of ['20240310', '20240311']) {
      const rows = await server.query(
        `SELECT dimension_value FROM tyk_uptime_analytics_${day} WHERE dimension = 'url' ORDER BY 1`,
        name,
      );
      expect(rows.map((row) => row['dimension_value'])).toEqual([`${long}a`, `${long}b`]);
    }
  });
});
