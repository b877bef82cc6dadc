import { type HttpClient, httpServers, openHttpClient, type PumpContext } from '#pump';
import type { Options } from './options.ts';

/** Plain HTTP with the token on every request: the `influx` package speaks version 1 only. */
export function openClient(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<HttpClient> {
  const [url] = httpServers(options.address);
  const headers = { authorization: `Token ${options.token.reveal()}` };
  return openHttpClient({ url, headers }, options, context, signal);
}
