import type { ConnectionOptions } from 'node:tls';
import { type Clock, createHttpClient, type HttpClient, httpUrl } from '#pump';
import type { Options } from './options.ts';

/** Plain HTTP with the token on every request: the `influx` package speaks version 1 only. */
export function createClient(
  { address, token }: Pick<Options, 'address' | 'token'>,
  { tls, clock }: { readonly tls: ConnectionOptions; readonly clock: Clock },
): HttpClient {
  const url = httpUrl(address.reveal());
  if (url === undefined) throw new Error('The address is no URL.');
  return createHttpClient({
    url,
    headers: { authorization: `Token ${token.reveal()}` },
    tls,
    clock,
  });
}
