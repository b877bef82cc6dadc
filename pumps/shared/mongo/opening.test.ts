import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { aBatch, aPreparedPump, deliverOnce, outcomesOf } from '#pump/testing';
import { type Certificates, makeCertificates } from '../../../test/services/certificates.ts';
import mongo from '../../mongo/index.ts';
import { FakeMongo } from './fake-server.testing.ts';

let own: Certificates;
let elsewhere: Certificates;
let strange: Certificates;
let pair: string;
const servers: FakeMongo[] = [];

beforeAll(async () => {
  own = await makeCertificates();
  elsewhere = await makeCertificates({ addresses: ['192.0.2.1'] });
  strange = await makeCertificates();
  pair = path.join(path.dirname(own.certFile), 'pair.pem');
  const [key, cert] = await Promise.all([readFile(own.keyFile), readFile(own.certFile)]);
  await writeFile(pair, Buffer.concat([key, cert]));
});
afterAll(async () => {
  for (const server of servers) await server.close();
});

async function aTlsServer({ cert, key, ca }: Certificates, requestCert = false) {
  const tls = { cert, key, ca: [ca, own.ca], requestCert, rejectUnauthorized: requestCert };
  const server = new FakeMongo({ tls });
  await server.listen();
  servers.push(server);
  return server;
}

/** In vain the driver tries as long as this. */
const soon = 'serverSelectionTimeoutMS=300';

async function deliver(server: FakeMongo, meta: object, query = '') {
  const url = server.url('test', query === '' ? soon : `${query}&${soon}`);
  const pump = aPreparedPump(mongo, { mongo_url: url, collection_name: 'calls', ...meta });
  try {
    const [verdict] = await deliverOnce(pump, aBatch(1));
    if (verdict === undefined || verdict.outcome === 'delivered') return 'delivered';
    return verdict.failure.message;
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}

const use = { mongo_use_ssl: true };

describe('a server with TLS', () => {
  it('is spoken to where the options name its authority', async () => {
    const server = await aTlsServer(own);

    expect(await deliver(server, { ...use, mongo_ssl_ca_file: own.caFile })).toBe('delivered');
    expect(await deliver(server, { mongo_ssl_ca_file: own.caFile }, 'tls=true')).toBe('delivered');
    expect(await deliver(server, use, `tlsCAFile=${own.caFile}`)).toBe('delivered');
  });

  it('is not where nobody has signed for it, and the option is named that mends it', async () => {
    const server = await aTlsServer(own);

    expect(await deliver(server, use)).toMatch(/mongo_ssl_ca_file/);
    expect(await deliver(server, { ...use, mongo_ssl_ca_file: strange.caFile })).not.toBe(
      'delivered',
    );
    expect(await deliver(server, {})).not.toBe('delivered');
  });

  it('may be anyone where that is wanted', async () => {
    const server = await aTlsServer(elsewhere);

    expect(await deliver(server, { ...use, mongo_ssl_insecure_skip_verify: true })).toBe(
      'delivered',
    );
  });

  it('may have a certificate for another name where that is wanted, and its authority is trusted', async () => {
    const server = await aTlsServer(elsewhere);
    const loose = { ...use, mongo_ssl_allow_invalid_hostnames: true };

    expect(await deliver(server, { ...use, mongo_ssl_ca_file: elsewhere.caFile })).toMatch(
      /another name/,
    );
    expect(await deliver(server, { ...loose, mongo_ssl_ca_file: elsewhere.caFile })).toBe(
      'delivered',
    );
    expect(await deliver(server, { ...loose, mongo_ssl_ca_file: strange.caFile })).not.toBe(
      'delivered',
    );
  });

  it('may want a certificate, which stands with its key in one file', async () => {
    const server = await aTlsServer(own, true);
    const trusted = { ...use, mongo_ssl_ca_file: own.caFile };

    expect(await deliver(server, { ...trusted, mongo_ssl_pem_keyfile: pair })).toBe('delivered');
    expect(await deliver(server, trusted)).not.toBe('delivered');
  });

  test.each([
    [{ mongo_ssl_ca_file: '/nowhere' }, /mongo_ssl_ca_file cannot be read/],
    [{ mongo_ssl_pem_keyfile: '/nowhere' }, /mongo_ssl_pem_keyfile cannot be read/],
  ])('is not opened without its files: %j', async (meta, message) => {
    expect(await deliver(await aTlsServer(own), { ...use, ...meta })).toMatch(message);
  });

  it('is not opened with a file that holds something else', async () => {
    const server = await aTlsServer(own);

    expect(await deliver(server, { ...use, mongo_ssl_ca_file: own.keyFile })).toMatch(
      /no certificate/,
    );
    expect(await deliver(server, { ...use, mongo_ssl_pem_keyfile: own.certFile })).toMatch(
      /no private key/,
    );
  });
});

describe('a login that the server refuses', () => {
  it('is a retry that names no password', async () => {
    const server = new FakeMongo({ password: 'right' });
    await server.listen();
    servers.push(server);
    const url = server.url('test').replace('right', 'S3cret-wrong');
    const pump = aPreparedPump(mongo, { mongo_url: url, collection_name: 'calls' });

    const verdicts = await deliverOnce(pump, aBatch(1));

    expect(outcomesOf(verdicts)).toEqual(['retry']);
    expect(verdicts[0]).toMatchObject({ failure: { kind: 'unauthorised' } });
    expect(JSON.stringify(verdicts)).not.toContain('S3cret');
  });
});
