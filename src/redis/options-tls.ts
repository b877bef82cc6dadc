import {
  createSecureContext,
  DEFAULT_CIPHERS,
  rootCertificates,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls';
import type { TlsConfig } from '../config/config.ts';
import { explain, StartError } from '../lib/errors.ts';

/** What `tls.connect` is given for each connection. */
export interface TlsOptions {
  /** Made once: parsing the well-known authorities for each connection would cost milliseconds. */
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
  readonly servername?: string;
}

export type ReadFile = (path: string) => Promise<Buffer>;

/**
 * Reads the certificates and proves that they fit together. ioredis would give up for ever, in silence, when
 * `tls.connect` throws on them.
 */
export async function tlsOptions(config: TlsConfig, readFile: ReadFile): Promise<TlsOptions> {
  const read = async (option: string, path: string): Promise<Buffer | undefined> => {
    if (path === '') return undefined;
    try {
      return await readFile(path);
    } catch (error) {
      throw new StartError(`The file of ${option} cannot be read (${path})`, error);
    }
  };
  const ca = await read('ssl_ca_file', config.caFile);
  const cert = await read('ssl_cert_file', config.certFile);
  const key = await read('ssl_key_file', config.keyFile);
  if (ca !== undefined) checkPem(ca, { ca }, 'ssl_ca_file', config.caFile);
  if (cert !== undefined) checkPem(cert, { cert }, 'ssl_cert_file', config.certFile);
  return {
    secureContext: contextOf(config, { ca, cert, key }),
    rejectUnauthorized: !config.skipVerify,
    ...(config.serverName === '' ? {} : { servername: config.serverName }),
  };
}

interface Files {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

function contextOf(config: TlsConfig, { ca, cert, key }: Files): SecureContext {
  const { minVersion, maxVersion } = config;
  // OpenSSL 3 refuses TLS 1.0 and 1.1 whatever the version asked for, unless its security level is lowered.
  const isOld = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  try {
    return createSecureContext({
      minVersion,
      maxVersion,
      ...(isOld ? { ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=0` } : {}),
      // In addition to the well-known authorities, as the reference has it.
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    });
  } catch (error) {
    throw new StartError(
      `The TLS options of Redis do not fit together (ssl_cert_file ${config.certFile}, ssl_key_file ${config.keyFile}): ${explain(error)}`,
      error,
    );
  }
}

function checkPem(pem: Buffer, use: SecureContextOptions, option: string, path: string): void {
  try {
    // Node takes an authority file without any certificate for an empty list.
    if (!pem.includes('-----BEGIN')) throw new Error('it holds no PEM certificate');
    createSecureContext(use);
  } catch (error) {
    throw new StartError(`The file of ${option} is not a certificate (${path})`, error);
  }
}
