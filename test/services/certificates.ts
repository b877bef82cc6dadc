import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { scratchFolder, Unavailable } from './process.ts';

/** An authority and one key pair it signed, good for a server on 127.0.0.1, localhost and `names`, and for a client. */
export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

const run = promisify(execFile);

/** Made by openssl. `names`: further DNS names; `addresses`: the IP addresses it is for; `days`: how long it is valid, else one. */
export async function makeCertificates(
  options: {
    readonly names?: readonly string[];
    readonly addresses?: readonly string[];
    readonly days?: number;
  } = {},
): Promise<Certificates> {
  const { names = ['localhost'], addresses = ['127.0.0.1'], days = 1 } = options;
  const dir = await scratchFolder('tls');
  const file = (name: string): string => path.join(dir, name);
  const openssl = async (...args: readonly string[]): Promise<void> => {
    try {
      await run('openssl', args, { cwd: dir });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        throw new Unavailable('There is no openssl on this machine to make certificates with.');
      }
      throw error;
    }
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    ...['req', '-x509', ...newKey, '-days', '1', '-subj', '/CN=Sluice test authority'],
    ...['-keyout', 'ca.key', '-out', 'ca.crt'],
  );
  await openssl('req', ...newKey, '-subj', '/CN=sluice-test', '-keyout', 'pair.key', '-out', 'csr');
  const subject = [...names.map((name) => `DNS:${name}`), ...addresses.map((ip) => `IP:${ip}`)];
  await writeFile(file('extensions'), `subjectAltName=${subject.join(',')}\n`);
  await openssl(
    ...['x509', '-req', '-in', 'csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', `${days}`, '-extfile', 'extensions', '-out', 'pair.crt'],
  );
  const [caFile, certFile, keyFile] = [file('ca.crt'), file('pair.crt'), file('pair.key')];
  const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map((f) => readFile(f)));
  if (ca === undefined || cert === undefined || key === undefined) throw new Error('unreachable');
  return { caFile, certFile, keyFile, ca, cert, key };
}
