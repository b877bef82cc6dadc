import type { ConnectionOptions } from 'node:tls';
import { type Clock, createHttpClient, credentialsIn, type HttpClient, httpUrl } from '#pump';
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
  const said = username === '' ? credentialsIn(url) : { username, password: password.reveal() };
  const headers = said === undefined ? {} : { authorization: `Basic ${base64(said)}` };
  return createHttpClient({ url, headers, tls, clock });
}

const base64 = (said: { readonly username: string; readonly password: string }): string =>
  Buffer.from(`${said.username}:${said.password}`).toString('base64');
