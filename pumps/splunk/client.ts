import type { ConnectionOptions } from 'node:tls';
import { type Clock, createHttpClient, type HttpClient, httpUrl } from '#pump';
import type { Options } from './options.ts';

/** The collector's API, whatever path the operator wrote. A query of his is kept. */
export function createClient(
  { collector_url, collector_token }: Pick<Options, 'collector_url' | 'collector_token'>,
  { tls, clock }: { readonly tls: ConnectionOptions; readonly clock: Clock },
): HttpClient {
  const url = httpUrl(collector_url.reveal());
  if (url === undefined) throw new Error('The collector_url is no URL.');
  url.pathname = '/';
  return createHttpClient({
    url,
    headers: { authorization: `Splunk ${collector_token.reveal()}` },
    tls,
    clock,
  });
}
