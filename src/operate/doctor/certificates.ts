import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { OptionValue } from '../../config/options/option-value.ts';
import { explain } from '../../lib/errors.ts';
import { type HostPort, hostPortOf, shownHostPort } from '../../lib/host-port.ts';
import { Secret } from '../../lib/secret.ts';
import { tlsWords } from '../../lib/tls-words.ts';
import { onAbort } from '../../lib/waiting.ts';
import { type Validity, validityOf } from '../certificate-validity.ts';
import type { Finding } from './finding.ts';
import { judgeCertificate, unreadable } from './judge-certificate.ts';

/** The first certificate of a file; a chain has the server's own at its head. */
export async function examineFile(subject: string, path: string, now: number): Promise<Finding> {
  try {
    return judgeCertificate(subject, validityOf(await readFile(path)), now);
  } catch (error) {
    return unreadable(subject, explain(error));
  }
}

/**
 * What a server with TLS shows. Nothing is sent to it but the greeting: no name of a user, no password. Whoever signed it, it
 * is only looked at; whether it is trusted is for those who connect.
 */
export async function examineServer(
  subject: string,
  target: HostPort & { readonly serverName?: string },
  { now, signal }: { readonly now: number; readonly signal: AbortSignal },
): Promise<Finding> {
  try {
    return judgeCertificate(subject, await shownBy(target, signal), now);
  } catch (error) {
    return unreadable(subject, tlsWords(error) ?? explain(error));
  }
}

const shownBy = (
  { host, port, serverName = '' }: HostPort & { readonly serverName?: string },
  signal: AbortSignal,
): Promise<Validity> =>
  new Promise((resolve, reject) => {
    const name = serverName === '' ? host : serverName;
    const socket = connect({
      ...{ host, port, rejectUnauthorized: false },
      ...(isIP(name) === 0 ? { servername: name } : {}),
    });
    const forget = onAbort(signal, () => socket.destroy(new Error('it does not answer in time')));
    socket.once('close', forget);
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const { valid_from: from, valid_to: until } = socket.getPeerCertificate();
      socket.destroy();
      resolve({ from: Date.parse(from), until: Date.parse(until) });
    });
  });

/** Where a pump connects with TLS from the first byte on, by its options: `https://…`, and addresses where TLS is on. */
export function serversOf(values: readonly OptionValue[]): readonly HostPort[] {
  const isSecure = values.some(
    ({ key, value }) => /\.(mongo_)?use_ssl$/.test(key) && value === true,
  );
  const found = new Map<string, HostPort>();
  for (const text of values.flatMap(({ value }) => textsIn(value))) {
    const server = serverIn(text, isSecure);
    if (server !== undefined) found.set(shownHostPort(server), server);
  }
  return [...found.values()];
}

const defaultPorts: Readonly<Record<string, number>> = {
  'https:': 443,
  'wss:': 443,
  'rediss:': 6379,
  'tls:': 443,
  'tcp+tls:': 6514,
};

function serverIn(text: string, isSecure: boolean): HostPort | undefined {
  const [, scheme] = /^([a-z][a-z0-9+.-]*:)\/\//i.exec(text) ?? [];
  if (scheme === undefined) return isSecure ? hostPortOf(text) : undefined;
  const port = defaultPorts[scheme.toLowerCase()] ?? (isSecure ? 27_017 : undefined);
  if (port === undefined) return undefined;
  // Whatever the scheme: a place in a network stands in it as in any URL.
  const address = text.replace(/^[^:]+:/, 'x:');
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.hostname === '' || url.hostname.includes(',')) return undefined;
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || port) };
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Secret) return [value.reveal()];
  return Array.isArray(value) ? value.flatMap(textsIn) : [];
}
