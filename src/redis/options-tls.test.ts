import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:tls';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Certificates, makeCertificates } from '../../test/services/certificates.ts';
import { aTlsConfig } from '../../test/services/redis-config.ts';
import { StartError } from '../lib/errors.ts';
import { tlsOptions } from './options-tls.ts';

let certificates: Certificates;
let others: Certificates;

beforeAll(async () => {
  [certificates, others] = await Promise.all([makeCertificates(), makeCertificates()]);
});

describe('the TLS options', () => {
  test('need no file', async () => {
    const options = await tlsOptions(aTlsConfig({}), readFile);

    expect(options).toMatchObject({ rejectUnauthorized: true });
    expect(options).not.toHaveProperty('servername');
  });

  test('name the option and the file that cannot be read', async () => {
    const config = aTlsConfig({ ...certificates, certFile: '/nowhere/client.crt' });

    await expect(tlsOptions(config, readFile)).rejects.toThrow(StartError);
    await expect(tlsOptions(config, readFile)).rejects.toThrow(/ssl_cert_file.*client\.crt/);
  });

  test('refuse an authority file without a certificate', async () => {
    const config = aTlsConfig({ caFile: '/etc/ca' });

    const options = tlsOptions(config, () => Promise.resolve(Buffer.from('nothing')));

    await expect(options).rejects.toThrow(/ssl_ca_file.*\/etc\/ca/);
  });

  test('refuse a key of another certificate', async () => {
    const config = aTlsConfig({ ...certificates, keyFile: others.keyFile });

    await expect(tlsOptions(config, readFile)).rejects.toThrow(/ssl_key_file/);
  });

  test('reach a server that speaks TLS 1.0 only when that is allowed', async () => {
    const { cert, key } = certificates;
    const server = createServer({
      ...{ cert, key, minVersion: 'TLSv1', maxVersion: 'TLSv1' },
      ciphers: 'DEFAULT:@SECLEVEL=0',
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const versionWith = async (minVersion: 'TLSv1' | 'TLSv1.2'): Promise<unknown> => {
      const options = await tlsOptions(aTlsConfig(certificates, { minVersion }), readFile);
      return new Promise((resolve) => {
        const socket = connect({ host: '127.0.0.1', port, ...options }, () => {
          resolve(socket.getProtocol());
          socket.destroy();
        }).once('error', () => resolve('refused'));
      });
    };

    expect(await versionWith('TLSv1')).toBe('TLSv1');
    expect(await versionWith('TLSv1.2')).toBe('refused');
    await new Promise((resolve) => server.close(resolve));
  });
});
