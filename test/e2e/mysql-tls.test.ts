/**
 * TLS to MariaDB, as `tls` of Go's DSN says: verified, for the address or name that stands there, unless told otherwise. The
 * built program is told of an authority as an operator would; this process trusts none of ours.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aBatch, aPreparedPump, deliverOnce } from '#pump/testing';
import sql from '../../pumps/sql/index.ts';
import { type Certificates, makeCertificates } from '../services/certificates.ts';
import { type MariadbServer, needMariadb, startMariadb } from '../services/mariadb.ts';
import { until, whyUnavailable } from '../services/process.ts';
import { startRedis } from '../services/redis.ts';
import { metric, startPump } from './pump.ts';
import { pushRecords } from './records.ts';

const unavailable = await whyUnavailable(needMariadb);

describe.skipIf(unavailable !== undefined)('TLS to MariaDB', () => {
  let server: MariadbServer;
  let tls: Certificates;
  let database: string;

  beforeAll(async () => {
    tls = await makeCertificates({ names: ['db.example.com'], addresses: ['127.0.0.1'] });
    server = await startMariadb({ tls });
    ({ name: database } = await server.createDatabase());
    await server.query('CREATE USER secured REQUIRE SSL');
    await server.query('GRANT ALL ON *.* TO secured');
  }, 120_000);
  afterAll(() => server.stop());

  /** Of a user whom the server takes over TLS alone. */
  const meta = (mode: string, host = '127.0.0.1') => ({
    type: 'mysql',
    connection_string: `secured@tcp(${host}:${server.port})/${database}?tls=${mode}`,
  });
  const deliver = (mode: string) => deliverOnce(aPreparedPump(sql, meta(mode)), aBatch(1));

  it.each(['skip-verify', 'preferred'])('is used, and not verified: %s', async (mode) => {
    expect(await deliver(mode)).toEqual([{ outcome: 'delivered' }]);
  });

  it('is not used where it is not asked for', async () => {
    await expect(deliver('false')).rejects.toThrow(/1045/);
  });

  it('is refused where nobody trusts the authority', async () => {
    await expect(deliver('true')).rejects.toThrow(/certificate/);
  });

  it('is taken from whom the authority vouches for, by that address and no other name', async () => {
    const redis = await startRedis();
    const pumps = {
      address: { type: 'sql', meta: meta('true') },
      name: { type: 'sql', meta: meta('true', 'localhost') },
    };
    const pump = await startPump({ redis, pumps, env: { NODE_EXTRA_CA_CERTS: tls.caFile } });
    const { good } = await pushRecords(redis, 10);

    const delivered = (route: string): Promise<number> =>
      metric(pump, 'sluice_records_total', { route, outcome: 'delivered' });
    const said = (): Promise<string> => Promise.resolve(pump.output());
    await until(
      'all are there',
      async () => (await delivered('ADDRESS')) === good.size,
      30_000,
      said,
    );
    const refusal = /Host: localhost\. is not in the cert's altnames.*route=NAME/;
    await until('the name is refused', () => refusal.test(pump.output()), 30_000, said);
    expect(await delivered('NAME')).toBe(0);
    await pump.stop();
    await redis.stop();
  });
});
