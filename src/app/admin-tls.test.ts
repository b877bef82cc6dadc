import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { makeCertificates } from '../../test/services/certificates.ts';
import { scratchFolder } from '../../test/services/process.ts';
import { readAdminTls } from './admin-tls.ts';

it('is what the two files hold, or nothing', async () => {
  const { certFile, keyFile, cert, key } = await makeCertificates();
  expect(await readAdminTls({ tls: { certFile, keyFile } })).toEqual({ cert, key });
  expect(await readAdminTls({ tls: undefined })).toBeUndefined();
});

it('says which file is missing, which is none, and that two do not belong together', async () => {
  const [one, other] = [await makeCertificates(), await makeCertificates()];
  const none = path.join(await scratchFolder('tls'), 'none.pem');
  await writeFile(none, 'no certificate');
  const reading = (certFile: string, keyFile: string) =>
    readAdminTls({ tls: { certFile, keyFile } });

  await expect(reading('/nowhere/cert.pem', one.keyFile)).rejects.toThrow(
    'The file of sluice.admin.tls_cert_file cannot be read (/nowhere/cert.pem)',
  );
  await expect(reading(one.certFile, '/nowhere/key.pem')).rejects.toThrow('tls_key_file');
  await expect(reading(none, one.keyFile)).rejects.toThrow(`tls_cert_file (${none})`);
  await expect(reading(one.certFile, other.keyFile)).rejects.toThrow(other.keyFile);
});
