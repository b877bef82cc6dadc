import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { AdminConfig } from '../config/config.ts';
import { StartError } from '../lib/errors.ts';

export interface Certificate {
  /** In PEM, as the key is. */
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The certificate and the key of the admin server, proven to fit together; undefined: it speaks plain HTTP. */
export async function readAdminTls({
  tls,
}: Pick<AdminConfig, 'tls'>): Promise<Certificate | undefined> {
  if (tls === undefined) return undefined;
  const cert = await read('tls_cert_file', tls.certFile);
  const key = await read('tls_key_file', tls.keyFile);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new StartError(
      `The admin server cannot use sluice.admin.tls_cert_file (${tls.certFile}) with tls_key_file (${tls.keyFile})`,
      error,
    );
  }
  return { cert, key };
}

async function read(option: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new StartError(`The file of sluice.admin.${option} cannot be read (${path})`, error);
  }
}
