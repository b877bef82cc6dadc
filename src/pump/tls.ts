import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { flag, text } from '../config/options/builders.ts';
import type { OptionsOf } from '../config/options/option.ts';
import { type Rule, rulesFor } from './rule.ts';

/** The TLS options of pumps, by the names Tyk Pump has for them (tyk-pump.md, "Pumps and their variables"). */
export const basicTlsOptions = {
  ssl_insecure_skip_verify: flag({
    doc: 'Accepts any server certificate. Insecure.',
    default: false,
  }),
  ssl_cert_file: text({ doc: 'Client certificate (PEM). Only with `ssl_key_file`.', default: '' }),
  ssl_key_file: text({ doc: 'Key of the client certificate (PEM).', default: '' }),
  ssl_ca_file: text({
    doc: 'Authorities to trust (PEM). They replace the system’s roots.',
    default: '',
  }),
};

/** With a name to ask for, which not every pump of Tyk's has. */
export const tlsOptions = {
  ...basicTlsOptions,
  ssl_server_name: text({
    doc: 'Name that the server’s certificate must have, if it differs from the address.',
    default: '',
  }),
};

type BasicTlsOptions = OptionsOf<typeof basicTlsOptions>;
export type TlsOptions = OptionsOf<typeof tlsOptions>;

const { warning } = rulesFor<TlsOptions & { readonly use_ssl: boolean }>();

/** What one TLS option alone cannot say. `isUsed`: the connection is one with TLS. */
export function* tlsProblems(options: BasicTlsOptions, isUsed: boolean): Iterable<Rule> {
  if (isUsed) {
    yield* pairProblems(options);
    yield* trustProblems(options);
  } else if (isAnySet(options))
    yield warning(
      'ssl_ca_file',
      'ssl_… options',
      'a connection with TLS, for them to have an effect',
    );
}

/** The same where `use_ssl` decides. */
export function* useSslProblems(
  options: BasicTlsOptions & { readonly use_ssl: boolean },
): Iterable<Rule> {
  if (!options.use_ssl && isAnySet(options))
    yield warning('use_ssl', 'false', 'true, for the ssl_… options to have an effect');
  yield* pairProblems(options);
  if (options.use_ssl) yield* trustProblems(options);
}

const isAnySet = (options: BasicTlsOptions): boolean =>
  options.ssl_insecure_skip_verify ||
  `${options.ssl_cert_file}${options.ssl_key_file}${options.ssl_ca_file}` !== '';

function* pairProblems({ ssl_cert_file, ssl_key_file }: BasicTlsOptions): Iterable<Rule> {
  if ((ssl_cert_file === '') !== (ssl_key_file === ''))
    yield warning('ssl_cert_file', 'only one half', 'ssl_cert_file and ssl_key_file; ignored');
}

function* trustProblems({ ssl_insecure_skip_verify }: BasicTlsOptions): Iterable<Rule> {
  if (ssl_insecure_skip_verify)
    yield warning(
      'ssl_insecure_skip_verify',
      'true',
      'false: anyone on the way may read and change what is sent',
    );
}

/** By the names of one kind of pump, and of another: what turns TLS on, and the files. */
const fileOptions = [
  { use: 'use_ssl', files: ['ssl_ca_file', 'ssl_cert_file', 'ssl_key_file'] },
  { use: 'mongo_use_ssl', files: ['mongo_ssl_ca_file', 'mongo_ssl_pem_keyfile'] },
] as const;

/** The files among a pump's options that are read for a connection with TLS. */
export function tlsFilesOf(
  options: Readonly<Record<string, unknown>>,
): readonly { readonly option: string; readonly path: string }[] {
  return fileOptions
    .filter(({ use }) => options[use] !== false)
    .flatMap(({ files }) => files)
    .flatMap((option) => {
      const path = options[option];
      return typeof path === 'string' && path !== '' ? [{ option, path }] : [];
    });
}

/** What to verify and to show. Reads the files, and throws where it cannot. */
export async function readTls(
  options: BasicTlsOptions & Partial<TlsOptions>,
  signal: AbortSignal,
): Promise<ConnectionOptions> {
  const { ssl_ca_file, ssl_cert_file, ssl_key_file, ssl_server_name = '' } = options;
  const hasClientCertificate = ssl_cert_file !== '' && ssl_key_file !== '';
  return {
    rejectUnauthorized: !options.ssl_insecure_skip_verify,
    ...(ssl_server_name === '' ? {} : { servername: ssl_server_name }),
    ...(ssl_ca_file === '' ? {} : { ca: await authorities(ssl_ca_file, signal) }),
    ...(hasClientCertificate
      ? {
          cert: await fileOf('ssl_cert_file', ssl_cert_file, signal),
          key: await fileOf('ssl_key_file', ssl_key_file, signal),
        }
      : {}),
  };
}

async function authorities(file: string, signal: AbortSignal): Promise<Buffer> {
  const pem = await fileOf('ssl_ca_file', file, signal);
  // Node passes over what is no certificate, and would then trust nobody without a word.
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error(`ssl_ca_file holds no certificate in PEM form: ${file}`);
  return pem;
}

async function fileOf(option: string, path: string, signal: AbortSignal): Promise<Buffer> {
  try {
    return await readFile(path, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error(`The file of ${option} cannot be read (${path})`, { cause: error });
  }
}
