import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { explain, StartError } from '#source';
import type { ListenerCertificate, ListenerTls } from './listener.ts';

/** What a TLS listener answers with, by the name that a client asks for. */
export interface TlsContexts {
  /** Of a client that asks for no name: what the first one is made of. */
  readonly first: SecureContextOptions;
  contextFor(serverName: string): SecureContext;
}

/** Reads all files. Rejects with a `StartError` that names each file that is wrong. */
export async function readTlsContexts(tls: ListenerTls): Promise<TlsContexts> {
  const problems: string[] = [];
  const ca = tls.clientCaFile === undefined ? undefined : await read(tls.clientCaFile, problems);
  const pairs: Pair[] = [];
  for (const certificate of tls.certificates) {
    const cert = await read(certificate.certFile, problems);
    const key = await read(certificate.keyFile, problems);
    if (cert === undefined || key === undefined) continue;
    try {
      const options: SecureContextOptions = {
        ...{ cert, key, minVersion: tls.minVersion ?? 'TLSv1.2' },
        ...(ca === undefined ? {} : { ca }),
      };
      const context = createSecureContext(options);
      pairs.push({ names: namesOf(certificate, cert), options, context });
    } catch (error) {
      problems.push(
        `${certificate.certFile} cannot be used with ${certificate.keyFile}: ${explain(error)}`,
      );
    }
  }
  const [first] = pairs;
  if (problems.length === 0 && first === undefined) problems.push('there is no certificate');
  if (problems.length > 0 || first === undefined)
    throw new StartError(`The certificates cannot be used: ${problems.join('; ')}`);
  return { first: first.options, contextFor: byName(pairs, first.context) };
}

interface Pair {
  readonly names: readonly string[];
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
}

async function read(file: string, problems: string[]): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    problems.push(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? explain(error)})`,
    );
    return undefined;
  }
}

function namesOf({ names }: ListenerCertificate, cert: Buffer): readonly string[] {
  if (names.length > 0) return names.map((name) => name.toLowerCase());
  const { subjectAltName = '' } = new X509Certificate(cert);
  return [...subjectAltName.matchAll(/DNS:([^,\s"]+)/g)].map(([, name = '']) => name.toLowerCase());
}

/** An exact name before a wildcard, which stands for one label (RFC 9525). */
function byName(pairs: readonly Pair[], otherwise: SecureContext): TlsContexts['contextFor'] {
  const known = new Map<string, SecureContext>();
  for (const { names, context } of pairs)
    for (const name of names) if (!known.has(name)) known.set(name, context);
  return (serverName) => {
    const name = serverName.toLowerCase().replace(/\.$/, '');
    return known.get(name) ?? known.get(name.replace(/^[^.]*/, '*')) ?? otherwise;
  };
}
