import { type HttpClient, httpUrl, openHttpClient, type PumpContext } from '#pump';
import type { Options } from './options.ts';

/** The collector's API, whatever path the operator wrote. A query of his is kept. */
export function openClient(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<HttpClient> {
  const [url] = servers(options);
  if (url === undefined) throw new Error('The collector_url is no URL.');
  url.pathname = '/';
  const headers = { authorization: `Splunk ${options.collector_token.reveal()}` };
  return openHttpClient({ url, headers }, options, context, signal);
}

export function servers({ collector_url }: Pick<Options, 'collector_url'>): readonly URL[] {
  const url = httpUrl(collector_url.reveal());
  return url === undefined ? [] : [url];
}
