import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { flag, text } from '../config/options/builders.ts';
import type { OptionsOf } from '../config/options/option.ts';

/** The TLS options of pumps, by the names Tyk Pump has for them (contract 5.0). */
export const tlsOptions = {
  ssl_insecure_skip_verify: flag({
    doc: 'Accepts any certificate of the server. Insecure.',
    default: false,
  }),
  ssl_cert_file: text({ doc: 'Client certificate (PEM). Only with `ssl_key_file`.', default: '' }),
  ssl_key_file: text({ doc: 'Key of the client certificate (PEM).', default: '' }),
  ssl_ca_file: text({
    doc: 'Authorities to trust (PEM). They replace the system’s roots.',
    default: '',
  }),
  ssl_server_name: text({
    doc: 'Name the server’s certificate must have, where it is not that of the address.',
    default: '',
  }),
};

export type TlsOptions = OptionsOf<typeof tlsOptions>;

/** What one TLS option alone cannot say. `isUsed`: the connection is one with TLS. */
export function* tlsProblems(
  options: TlsOptions,
  isUsed: boolean,
): Iterable<{
  readonly key: string;
  readonly found: string;
  readonly expected: string;
  readonly severity: 'warning';
}> {
  const severity = 'warning';
  const { ssl_cert_file, ssl_key_file, ssl_ca_file, ssl_insecure_skip_verify } = options;
  const isAnySet =
    `${ssl_cert_file}${ssl_key_file}${ssl_ca_file}` !== '' || ssl_insecure_skip_verify;
  if (!isUsed) {
    if (isAnySet)
      yield {
        key: 'ssl_ca_file',
        found: 'ssl_… options',
        expected: 'a connection with TLS, for them to have an effect',
        severity,
      };
    return;
  }
  if ((ssl_cert_file === '') !== (ssl_key_file === ''))
    yield {
      key: 'ssl_cert_file',
      found: 'only one half',
      expected: 'ssl_cert_file and ssl_key_file; ignored',
      severity,
    };
  if (ssl_insecure_skip_verify)
    yield {
      key: 'ssl_insecure_skip_verify',
      found: 'true',
      expected: 'false: anyone on the way may read and change what is sent',
      severity,
    };
}

/** Not every pump of Tyk's has a name to ask for. */
type Readable = Omit<TlsOptions, 'ssl_server_name'> & { readonly ssl_server_name?: string };

/** What to verify and to show. Reads the files, and throws where it cannot. */
export async function readTls(options: Readable, signal: AbortSignal): Promise<ConnectionOptions> {
  const { ssl_ca_file, ssl_cert_file, ssl_key_file, ssl_server_name = '' } = options;
  const hasClientCertificate = ssl_cert_file !== '' && ssl_key_file !== '';
  return {
    rejectUnauthorized: !options.ssl_insecure_skip_verify,
    ...(ssl_server_name === '' ? {} : { servername: ssl_server_name }),
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
