import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aBatch, aPreparedPump, deliverOnce } from '#pump/testing';
import { makeCertificates } from '../../test/services/certificates.ts';
import { needPostgres, type PostgresServer, startPostgres } from '../../test/services/postgres.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import sql from './index.ts';

const unavailable = await whyUnavailable(needPostgres);

describe.skipIf(unavailable !== undefined)('TLS to PostgreSQL, as sslmode says', () => {
  let server: PostgresServer;
  let caFile: string;

  beforeAll(async () => {
    const tls = await makeCertificates({ names: ['db.example.com'] });
    ({ caFile } = tls);
    server = await startPostgres({ tls });
  }, 60_000);
  afterAll(() => server.stop());

  const deliver = (more: string) =>
    deliverOnce(
      aPreparedPump(sql, {
        type: 'postgres',
        connection_string: `${server.dsn().replace('sslmode=disable', '')} ${more}`,
      }),
      aBatch(1),
    );

  it.each(['disable', 'allow', 'prefer', 'require'])('is not verified: %s', async (mode) => {
    expect(await deliver(`sslmode=${mode}`)).toEqual([{ outcome: 'delivered' }]);
  });

  it.each(['verify-ca', 'verify-full', 'require'])(
    'is verified by the authority of sslrootcert: %s',
    async (mode) => {
      expect(await deliver(`sslmode=${mode} sslrootcert=${caFile}`)).toEqual([
        { outcome: 'delivered' },
      ]);
    },
  );

  it('is of the address that was asked for, and of no other name, or of any with verify-ca', async () => {
    const byName = (mode: string) =>
      deliver(`host=localhost sslmode=${mode} sslrootcert=${caFile}`);

    await expect(byName('verify-full')).rejects.toThrow(/certificate is for another name/);
    expect(await byName('verify-ca')).toEqual([{ outcome: 'delivered' }]);
  });

  it.each(['verify-ca', 'verify-full'])('is refused where nobody trusts it: %s', async (mode) => {
    await expect(deliver(`sslmode=${mode}`)).rejects.toThrow(/certificate/);
  });
});
