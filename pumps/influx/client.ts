import type { ConnectionOptions } from 'node:tls';
import { type Clock, createHttpClient, type HttpClient, httpUrl } from '#pump';
import type { Options } from './options.ts';

/**
 * Not the `influx` package: it has no abort signal, repeats requests by itself and makes texts of answers. One request
 * is all that is needed.
 */
export function createClient(
  { address, username, password }: Pick<Options, 'address' | 'username' | 'password'>,
  { tls, clock }: { readonly tls: ConnectionOptions; readonly clock: Clock },
): HttpClient {
  const url = httpUrl(address.reveal());
  if (url === undefined) throw new Error('The address is no URL.');
  const credentials =
    username === ''
      ? `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
      : `${username}:${password.reveal()}`;
  const headers =
    credentials === ':'
      ? {}
      : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  return createHttpClient({ url, headers, tls, clock });
}
