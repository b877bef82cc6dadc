import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { OtlpTarget } from '../../config/config.ts';
import { StartError } from '../../lib/errors.ts';

/** What is read of the files of a target. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** Proven to fit together. */
export async function readTlsFiles(target: OtlpTarget): Promise<TlsFiles> {
  const { caFile, certFile, keyFile } = target;
  const [ca, cert, key] = await Promise.all([
    read('tls_ca_file', caFile),
    read('tls_cert_file', certFile),
    read('tls_key_file', keyFile),
  ]);
  const files = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  try {
    createSecureContext(files);
  } catch (error) {
    throw new StartError('The files of sluice.telemetry.tls_… cannot be used', error);
  }
  return files;
}

async function read(option: string, path: string): Promise<Buffer | undefined> {
  if (path === '') return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    throw new StartError(`The file of sluice.telemetry.${option} cannot be read (${path})`, error);
  }
}
