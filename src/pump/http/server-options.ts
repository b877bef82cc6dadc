import type { OptionsOf } from '../../config/options/option.ts';
import type { Secret } from '../../lib/secret.ts';
import type { PumpContext } from '../define-pump.ts';
import type { Rule } from '../rule.ts';
import { type basicTlsOptions, readTls, type TlsOptions, tlsProblems } from '../tls.ts';
import { httpUrl, httpUrlProblems } from './address.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions } from './client.ts';

/**
 * What the pumps of one HTTP server have in common: an option with its address, and those of TLS.
 */
type ServerOptions = OptionsOf<typeof basicTlsOptions> & Partial<TlsOptions>;

/** What is wrong with the address, and with the TLS options for it. `sends`: what the pump signs in with. */
export function* httpProblems<Key extends string>(
  key: Key,
  options: ServerOptions & { readonly [key in Key]: Secret },
  sends: 'user and password' | 'token',
): Iterable<Rule> {
  const address = options[key];
  yield* httpUrlProblems(key, address, { sends });
  yield* tlsProblems(options, httpUrl(address.reveal())?.protocol === 'https:');
}

/** The server that an address is of; none where it is of none, which `httpProblems` has said. */
export function httpServers(address: Secret): readonly URL[] {
  const url = httpUrl(address.reveal());
  return url === undefined ? [] : [url];
}

/** The client of a pump: with what its TLS options say, through the proxy that the environment names. */
export async function openHttpClient(
  { url, headers = {} }: { readonly url: URL | undefined } & Pick<HttpClientOptions, 'headers'>,
  options: ServerOptions,
  { clock, proxyFor }: Pick<PumpContext, 'clock' | 'proxyFor'>,
  signal: AbortSignal,
): Promise<HttpClient> {
  if (url === undefined) throw new Error('The address is no URL.');
  const tls = await readTls(options, signal);
  return createHttpClient({ url, headers, tls, proxy: proxyFor(url), clock });
}
