import type { PumpContext } from '../define-pump.ts';
import { readTls, type TlsOptions } from '../tls.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions } from './client.ts';

/** The client of a pump: with what its TLS options say, through the proxy that the environment names. */
export async function openHttpClient(
  { url, headers = {} }: Pick<HttpClientOptions, 'url' | 'headers'>,
  options: Parameters<typeof readTls>[0] & Partial<TlsOptions>,
  { clock, proxyFor }: Pick<PumpContext, 'clock' | 'proxyFor'>,
  signal: AbortSignal,
): Promise<HttpClient> {
  const tls = await readTls(options, signal);
  return createHttpClient({ url, headers, tls, proxy: proxyFor(url), clock });
}
