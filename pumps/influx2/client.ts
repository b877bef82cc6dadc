import { type HttpClient, httpUrl, openHttpClient, type PumpContext } from '#pump';
import type { Options } from './options.ts';

/** Plain HTTP with the token on every request: the `influx` package speaks version 1 only. */
export function openClient(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<HttpClient> {
  const [url] = servers(options);
  if (url === undefined) throw new Error('The address is no URL.');
  const headers = { authorization: `Token ${options.token.reveal()}` };
  return openHttpClient({ url, headers }, options, context, signal);
}

export function servers({ address }: Pick<Options, 'address'>): readonly URL[] {
  const url = httpUrl(address.reveal());
  return url === undefined ? [] : [url];
}
