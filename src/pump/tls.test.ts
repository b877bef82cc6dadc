import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTls, type TlsOptions, tlsProblems, useSslProblems } from './tls.ts';

const signal = AbortSignal.timeout(10_000);
const none: TlsOptions = {
  ssl_insecure_skip_verify: false,
  ssl_cert_file: '',
  ssl_key_file: '',
  ssl_ca_file: '',
  ssl_server_name: '',
};

let folder: string;
const file = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-tls-'));
  await writeFile(file('ca'), '-----BEGIN CERTIFICATE-----');
  await writeFile(file('cert'), 'cert');
  await writeFile(file('key'), 'key');
  await writeFile(file('text'), 'no certificate');
});
afterAll(() => rm(folder, { recursive: true }));

describe('the TLS settings', () => {
  it('verify against the system’s roots where nothing is said', async () => {
    expect(await readTls(none, signal)).toEqual({ rejectUnauthorized: true });
  });

  it('hold what is said', async () => {
    const tls = await readTls(
      {
        ssl_insecure_skip_verify: true,
        ssl_server_name: 'other.example.com',
        ...{ ssl_ca_file: file('ca'), ssl_cert_file: file('cert'), ssl_key_file: file('key') },
      },
      signal,
    );

    expect(tls).toEqual({
      rejectUnauthorized: false,
      servername: 'other.example.com',
      ca: Buffer.from('-----BEGIN CERTIFICATE-----'),
      cert: Buffer.from('cert'),
      key: Buffer.from('key'),
    });
  });

  it('have no certificate without its key', async () => {
    expect(await readTls({ ...none, ssl_cert_file: file('cert') }, signal)).not.toHaveProperty(
      'cert',
    );
  });

  it.each(['text', 'missing'])(
    'cannot be had with authorities in a file that is: %s',
    async (name) => {
      await expect(readTls({ ...none, ssl_ca_file: file(name) }, signal)).rejects.toThrow(name);
    },
  );
});

it.each([
  [{}, true, []],
  [{ ssl_cert_file: 'a' }, true, ['ssl_cert_file']],
  [{ ssl_cert_file: 'a', ssl_key_file: 'b' }, true, []],
  [{ ssl_insecure_skip_verify: true }, true, ['ssl_insecure_skip_verify']],
  [{ ssl_ca_file: 'a' }, false, ['ssl_ca_file']],
  [{}, false, []],
])('warns of %j with TLS %s: %j', (options, isUsed, expected) => {
  const problems = [...tlsProblems({ ...none, ...options }, isUsed)];

  expect(problems.map(({ key }) => key)).toEqual(expected);
});

it.each([
  [{}, false, []],
  [{ ssl_ca_file: 'a' }, false, ['use_ssl']],
  [{ ssl_cert_file: 'a' }, false, ['use_ssl', 'ssl_cert_file']],
  [{ ssl_insecure_skip_verify: true }, false, ['use_ssl']],
  [{ ssl_insecure_skip_verify: true }, true, ['ssl_insecure_skip_verify']],
])('warns of %j with use_ssl %s: %j', (options, use_ssl, expected) => {
  const problems = [...useSslProblems({ ...none, ...options, use_ssl })];

  expect(problems.map(({ key }) => key)).toEqual(expected);
});
