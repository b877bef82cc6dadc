import { X509Certificate } from 'node:crypto';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeCertificates } from '../../test/services/certificates.ts';
import { scratchFolder } from '../../test/services/process.ts';
import { aConfig } from '../cli/testing.ts';
import { certificatesInForce, certificatesOfProcess } from '../operate/certificate-files.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { CertificateExpiry } from './certificate-expiry.ts';
import { aCheckedPump } from './checked-pump.testing.ts';

const name = 'sluice_certificate_expiry_timestamp_seconds';

async function world() {
  const metrics = createMetrics({ version: 'test' });
  const expiry = new CertificateExpiry(metrics);
  const shown = async (): Promise<Readonly<Record<string, number>>> => {
    const { body } = await metrics.exposition();
    const lines = [...body.matchAll(new RegExp(`^${name}\\{subject="(.*)"\\} (.*)$`, 'gm'))];
    return Object.fromEntries(lines.map(([, subject = '', value]) => [subject, Number(value)]));
  };
  const { certFile, keyFile, caFile, cert } = await makeCertificates();
  const until = Date.parse(new X509Certificate(cert).validTo) / 1000;
  return { expiry, shown, certFile, keyFile, caFile, until };
}

describe('When certificates expire', () => {
  it('is shown of those in force, by whose they are, and no longer of those that are not', async () => {
    const { expiry, shown, certFile, until } = await world();
    await expiry.begin([{ subject: 'redis: ssl_cert_file', path: certFile }]);
    await expiry.inForce([
      { subject: 'admin server', path: certFile },
      { subject: 'ES: ssl_cert_file', path: certFile },
    ]);
    expect(await shown()).toEqual({
      'redis: ssl_cert_file': until,
      'admin server': until,
      'ES: ssl_cert_file': until,
    });
    expect(until * 1000 - Date.now()).toBeGreaterThan(20 * 3_600_000);

    await expiry.inForce([{ subject: 'admin server', path: certFile }]);
    expect(await shown()).toEqual({ 'redis: ssl_cert_file': until, 'admin server': until });
  });

  it('is that of the holder’s own in a chain, and has no series where the file has none', async () => {
    const { expiry, shown, certFile, keyFile, caFile, until } = await world();
    const folder = await scratchFolder('certificates');
    const [chain, gone] = [path.join(folder, 'chain.pem'), path.join(folder, 'gone.pem')];
    await writeFile(chain, `${await readFile(certFile, 'utf8')}${await readFile(caFile, 'utf8')}`);
    await copyFile(certFile, gone);
    const all = [chain, gone, keyFile, folder].map((file) => ({ subject: file, path: file }));
    await expiry.inForce(all);
    expect(await shown()).toEqual({ [chain]: until, [gone]: until });

    await rm(gone);
    await expiry.inForce(all);
    expect(await shown()).toEqual({ [chain]: until });
  });
});

describe('The certificates of a service', () => {
  const files = {
    ...{ caFile: '/ca', keyFile: '/key', skipVerify: false, serverName: '' },
    ...({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const),
  };

  it('are those that it shows: to Redis, to who asks it, to sinks; no keys, no authorities', () => {
    const config = aConfig();
    const redis = { ...config.redis, tls: { ...files, certFile: '/redis.pem' } };
    expect(certificatesOfProcess({ redis, telemetry: undefined })).toEqual([
      { subject: 'redis: ssl_cert_file', path: '/redis.pem' },
    ]);
    const pump = aCheckedPump('ES', { open: () => Promise.reject(new Error('not opened')) });
    const read = ['ssl_ca_file', 'ssl_cert_file', 'ssl_key_file', 'mongo_ssl_pem_keyfile'];
    const pumps = [
      { ...pump, pump: { ...pump.pump, files: read.map((option) => ({ option, path: option })) } },
    ];
    const tls = { certFile: '/admin.pem', keyFile: '/admin.key' };
    expect(certificatesInForce({ admin: { tls }, pumps })).toEqual([
      { subject: 'admin server', path: '/admin.pem' },
      { subject: 'ES: ssl_cert_file', path: 'ssl_cert_file' },
    ]);
    expect(certificatesOfProcess(config)).toEqual([]);
    expect(certificatesInForce({ admin: { tls: undefined }, pumps: [] })).toEqual([]);
  });
});
