import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type { Options } from './options.ts';

type TlsOptions = Pick<
  Options,
  'use_ssl' | 'ssl_insecure_skip_verify' | 'ssl_cert_file' | 'ssl_key_file' | 'ssl_ca_file'
>;

/** What to verify and to show; undefined: no TLS. Reads the files, and throws where it cannot. */
export async function tlsOf(
  options: TlsOptions,
  signal: AbortSignal,
): Promise<ConnectionOptions | undefined> {
  if (!options.use_ssl) return undefined;
  const { ssl_ca_file, ssl_cert_file, ssl_key_file, ssl_insecure_skip_verify } = options;
  const hasClientCertificate = ssl_cert_file !== '' && ssl_key_file !== '';
  return {
    rejectUnauthorized: !ssl_insecure_skip_verify,
    ...(ssl_ca_file === '' ? {} : { ca: await authorities(ssl_ca_file, signal) }),
    ...(hasClientCertificate
      ? {
          cert: await readFile(ssl_cert_file, { signal }),
          key: await readFile(ssl_key_file, { signal }),
        }
      : {}),
  };
}

async function authorities(file: string, signal: AbortSignal): Promise<Buffer> {
  const pem = await readFile(file, { signal });
  // Node passes over what is no certificate, and would then trust nobody without a word.
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error(`ssl_ca_file holds no certificate in PEM form: ${file}`);
  return pem;
}
