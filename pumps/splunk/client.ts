import { type HttpClient, httpServers, openHttpClient, type PumpContext } from '#pump';
import type { Options } from './options.ts';

/** The collector's API, whatever path the operator wrote. A query of his is kept. */
export function openClient(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<HttpClient> {
  const [url] = httpServers(options.collector_url);
  if (url !== undefined) url.pathname = '/';
  const headers = { authorization: `Splunk ${options.collector_token.reveal()}` };
  return openHttpClient({ url, headers }, options, context, signal);
}
